"""The body of a request, and what stands around its items: unpacked in bounds, looked at before it is decoded."""

import gzip
import io
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.http import HttpRequest

from lib.foreign.cleaning import to_storable
from lib.foreign.foreign_json import BadJsonError, check_depth, read_json, split_list, split_object

LARGEST_REQUEST = 4_000_000
MOST_ITEMS = 1_000
MOST_KEYS = 5
WRITE_KEY = re.compile(rb'"writeKey"\s*:\s*"([\w\-.]{1,200})"')
CODES = {
    400: "bad_request",
    401: "unauthorized",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_encoding",
    429: "too_many_requests",
    503: "unavailable",
}


class AnswerError(Exception):
    """The request as a whole is answered with an error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.code = status, CODES[status]


@dataclass(frozen=True, slots=True)
class Envelope:
    """The items of a request, still raw, so that a bad one does not spoil the others; and what stands around them."""

    items: Sequence[bytes | msgspec.Raw]
    context: Any = None
    sentAt: Any = None  # noqa: N815 - the spec's own names
    writeKey: Any = None  # noqa: N815

    @property
    def sent_at(self) -> str | None:
        """When the client says it sent this, as it wrote it."""
        return to_storable(str(self.sentAt)) if isinstance(self.sentAt, str | int) else None


class _Batch(msgspec.Struct):
    """What a sound batch decodes to at once."""

    batch: list[msgspec.Raw] | None = None
    context: Any = None
    sentAt: Any = None  # noqa: N815
    writeKey: Any = None  # noqa: N815


_decode = msgspec.json.Decoder(_Batch).decode


def read_body(request: HttpRequest) -> bytes:
    """The body, unpacked when it is gzip; 413 over 4 MB either way."""
    announced = request.headers.get("Content-Length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > LARGEST_REQUEST:
        raise AnswerError(413, "larger than 4 MB")
    try:
        body = request.read(LARGEST_REQUEST + 1)
    except OSError as error:
        raise AnswerError(400, "the body ended early") from error
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip"}:
        raise AnswerError(415, f"the encoding {encoding[:40]!r} is not known; gzip is")
    if encoding == "gzip":
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
                body = file.read(LARGEST_REQUEST + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise AnswerError(400, "the body is not gzip") from error
    if len(body) > LARGEST_REQUEST:
        raise AnswerError(413, "larger than 4 MB")
    return body


def look_at(body: bytes) -> bytes:
    """The body again, once its nesting is known to be harmless to any decoder; else 400."""
    try:
        check_depth(body)
    except BadJsonError as error:
        raise AnswerError(400, f"malformed JSON: {error}") from error
    return body.removeprefix(b"\xef\xbb\xbf")


def keys_in(body: bytes) -> list[str]:
    """What may be the request's own key, found without decoding: beacons and browser clients cannot send headers."""
    found = dict.fromkeys(match[1].decode() for match in WRITE_KEY.finditer(body))
    return list(found)[:MOST_KEYS]


def open_envelope(body: bytes, *, is_batch: bool) -> Envelope:
    """The envelope; of a single item the item itself is one. 400 with the place of the error.

    Where one item is broken so that the whole is no JSON any more, the others are found by their brackets.
    """
    if not is_batch:
        return Envelope([body], **_around(split_object(body) or {}))
    try:
        sound = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        parts = split_object(body)
        items = split_list(parts["batch"]) if parts and "batch" in parts else None
        if parts is None or items is None:
            raise AnswerError(400, f"malformed JSON: {error}") from error
        return Envelope(items, **_around(parts))
    if sound.batch is None:
        raise AnswerError(400, 'a batch is written {"batch": [item, …]}')
    return Envelope(sound.batch, sound.context, sound.sentAt, sound.writeKey)


def _around(parts: dict[str, bytes]) -> dict[str, Any]:
    """Context, time and key of an envelope; one that cannot be read is left out."""
    found = {}
    for name in ("context", "sentAt", "writeKey"):
        try:
            found[name] = read_json(parts[name]) if name in parts else None
        except BadJsonError:
            found[name] = None
    return found
