"""Public tokens: ids in the clear, sealed by a keyed hash, scoped to one purpose.

A token is base64url(ids as varints ‖ 12 bytes of keyed blake2b), so that the workspace is known before any
row is read, and a token made for one purpose opens no other door.
"""

import base64
import binascii
import hmac
from functools import lru_cache
from hashlib import blake2b

from django.conf import settings

SEAL_BYTES = 12


class BadTokenError(ValueError):
    """A token that we did not make, or not for this purpose."""


def make_token(purpose: str, *ids: int) -> str:
    """A URL-safe token for non-negative `ids`."""
    body = b"".join(_varint(number) for number in ids)
    return base64.urlsafe_b64encode(body + _seal(purpose, body, settings.SECRET_KEY)).rstrip(b"=").decode()


def read_token(purpose: str, token: str, *, count: int) -> tuple[int, ...]:
    """The `count` ids inside `token`, or BadTokenError. Keys in SECRET_KEY_FALLBACKS still open old tokens."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadTokenError("not a token") from error
    body, seal = raw[:-SEAL_BYTES], raw[-SEAL_BYTES:]
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
        raise BadTokenError("not a token")
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not any(hmac.compare_digest(seal, _seal(purpose, body, key)) for key in keys):
        raise BadTokenError("not our seal")
    ids = tuple(_varints(body))
    if len(ids) != count:
        raise BadTokenError("another kind of token")
    return ids


def keyed_hash(purpose: str, text: str) -> str:
    """32 hex digits that hide `text` but stay the same for ever (ERASURE_KEY never rotates)."""
    key = blake2b(settings.ERASURE_KEY.encode(), digest_size=32).digest()
    return blake2b(text.encode(), key=key, digest_size=16, person=purpose.encode()[:16]).hexdigest()


def _seal(purpose: str, body: bytes, key: str) -> bytes:
    return blake2b(purpose.encode() + b"\0" + body, key=_digest(key), digest_size=SEAL_BYTES).digest()


@lru_cache(maxsize=8)
def _digest(key: str) -> bytes:
    return blake2b(key.encode(), digest_size=32).digest()


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
