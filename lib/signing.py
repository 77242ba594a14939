"""Public tokens: ids in the clear, sealed by a keyed hash, scoped to one purpose.

A token is base64url(ids as varints ‖ 12 bytes of keyed blake2b), so that the workspace is known before any
row is read, and a token made for one purpose opens no other door. Tokens that differ in their last number alone (the
links of one email) share a hash: each has 12 bytes of its 60, so that ten links cost two hashes.
"""

import base64
import binascii
import hmac
from binascii import b2a_base64
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b

from django.conf import settings

SEAL_BYTES = 12
SEALS_A_HASH = 5
FILL = (b"", b"\0\0", b"\0")  # by the bytes over whole groups of three
URL_SAFE = bytes.maketrans(b"+/", b"-_")


class BadTokenError(ValueError):
    """A token that we did not make, or not for this purpose."""


def make_token(purpose: str, *ids: int) -> str:
    """A URL-safe token for non-negative `ids`."""
    body = b"".join(_varint(number) for number in ids)
    return _packed(body + _seal(purpose, body, settings.SECRET_KEY)).decode()


def read_token(purpose: str, token: str, *, count: int) -> tuple[int, ...]:
    """The `count` ids inside `token`, or BadTokenError. Keys in SECRET_KEY_FALLBACKS still open old tokens."""
    body, seal = _opened(token)
    if not any(hmac.compare_digest(seal, _seal(purpose, body, key)) for key in _keys()):
        raise BadTokenError("not our seal")
    ids = tuple(_varints(body))
    if len(ids) != count:
        raise BadTokenError("another kind of token")
    return ids


def seals_of(purpose: str, *ids: int) -> list[bytes]:
    """The seal of these ids under each key that still counts, the newest first."""
    body = b"".join(_varint(number) for number in ids)
    return [_seal(purpose, body, key) for key in _keys()]


class TokenMaker:
    """Makes the tokens of one purpose that begin with the same ids and end with the same numbers, for many people.

    `numbers` may be none: then each person has one token, the same as `make_token` makes.
    """

    def __init__(self, purpose: str, *ids: int, numbers: Sequence[int] = ()) -> None:
        key, scope = _digest(settings.SECRET_KEY), purpose.encode() + b"\0"
        self.head = b"".join(_varint(one) for one in ids)
        self._one = blake2b(scope + self.head, key=key, digest_size=SEAL_BYTES)
        self._many = blake2b(scope + self.head, key=key, digest_size=SEALS_A_HASH * SEAL_BYTES)
        blocks: dict[int, list[tuple[int, bytes, int]]] = {}
        for place, number in enumerate(numbers):
            block, part = divmod(number, SEALS_A_HASH)
            blocks.setdefault(block, []).append((place, _varint(number), part * SEAL_BYTES))
        self.blocks = [(_varint(block), tails) for block, tails in blocks.items()]
        self.count = len(numbers)

    def token(self, person: int) -> bytes:
        """The token of (ids, person)."""
        return _packed(self.raw(person))

    def raw(self, person: int) -> bytes:
        """The same, not yet written in letters."""
        own, hashed = _varint(person), self._one.copy()
        hashed.update(own)
        return self.head + own + hashed.digest()

    def tokens(self, person: int) -> list[bytes]:
        """The token of (ids, person, number) for each number, in their order."""
        own = _varint(person)
        body, found = self.head + own, [b""] * self.count
        for block, tails in self.blocks:
            hashed = self._many.copy()
            hashed.update(own + block)
            seals = hashed.digest()
            for place, tail, start in tails:
                found[place] = body + tail + seals[start : start + SEAL_BYTES]
        return _all_packed(found)


def make_numbered_token(purpose: str, *ids: int) -> str:
    """A token whose last number shares its seal's hash with its neighbours (TokenMaker)."""
    *first, person, number = ids
    return TokenMaker(purpose, *first, numbers=[number]).tokens(person)[0].decode()


def read_numbered_token(purpose: str, token: str, *, count: int) -> tuple[int, ...]:
    """The `count` ids inside a token of `make_numbered_token`, or BadTokenError. Old keys open old tokens."""
    body, seal = _opened(token)
    ids = tuple(_varints(body))
    if len(ids) != count or body != b"".join(_varint(one) for one in ids):
        raise BadTokenError("another kind of token")
    block, part = divmod(ids[-1], SEALS_A_HASH)
    text = purpose.encode() + b"\0" + b"".join(_varint(one) for one in (*ids[:-1], block))
    start = part * SEAL_BYTES
    sealed = (blake2b(text, key=_digest(key), digest_size=SEALS_A_HASH * SEAL_BYTES).digest() for key in _keys())
    if not any(hmac.compare_digest(seal, one[start : start + SEAL_BYTES]) for one in sealed):
        raise BadTokenError("not our seal")
    return ids


def keyed_hash(purpose: str, text: str) -> str:
    """32 hex digits that hide `text` but stay the same for ever (ERASURE_KEY never rotates)."""
    key = blake2b(settings.ERASURE_KEY.encode(), digest_size=32).digest()
    return blake2b(text.encode(), key=key, digest_size=16, person=purpose.encode()[:16]).hexdigest()


def _opened(token: str) -> tuple[bytes, bytes]:
    """(body, seal) of a token in the one way it can be written. BadTokenError."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadTokenError("not a token") from error
    if _packed(raw).decode() != token:
        raise BadTokenError("not a token")
    return raw[:-SEAL_BYTES], raw[-SEAL_BYTES:]


def _packed(raw: bytes) -> bytes:
    return b2a_base64(raw, newline=False).translate(URL_SAFE).rstrip(b"=")


def _all_packed(raws: Sequence[bytes]) -> list[bytes]:
    """Each as `_packed` writes it: filled up to whole groups of three bytes, all are written at once and cut apart."""
    letters = b2a_base64(b"".join([raw + FILL[len(raw) % 3] for raw in raws]), newline=False).translate(URL_SAFE)
    found, at = [], 0
    for raw in raws:
        count = len(raw)
        found.append(letters[at : at + (count * 4 + 2) // 3])
        at += (count + 2) // 3 * 4
    return found


def _keys() -> Iterable[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _seal(purpose: str, body: bytes, key: str) -> bytes:
    return blake2b(purpose.encode() + b"\0" + body, key=_digest(key), digest_size=SEAL_BYTES).digest()


@lru_cache(maxsize=8)
def _digest(key: str) -> bytes:
    return blake2b(key.encode(), digest_size=32).digest()


@lru_cache(maxsize=4096)
def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _varints(raw: bytes) -> list[int]:
    numbers, value, shift = [], 0, 0
    for byte in raw:
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            numbers.append(value)
            value, shift = 0, 0
    return numbers
