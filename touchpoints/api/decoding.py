"""One item of the Segment spec as it is written, read with patience: what clients confuse is read as they meant it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from lib.clock import EPOCH
from lib.foreign.cleaning import to_storable
from lib.foreign.foreign_json import BadJsonError, needs_care, read_json
from touchpoints.facts import BadFactError, check_moment

LARGEST_ITEM = 32_768
LONGEST_ID = 300
CLOCK_SLACK = timedelta(minutes=2)


class RefusedError(ValueError):
    """This item cannot be kept; the message is the reason the client is told."""


class Item(msgspec.Struct):
    """One item as clients send it; unknown members are ignored. `decode_item` brings each to its type."""

    type: Any = None
    messageId: Any = None  # noqa: N815 - the spec's own names
    userId: Any = None  # noqa: N815
    anonymousId: Any = None  # noqa: N815
    previousId: Any = None  # noqa: N815
    groupId: Any = None  # noqa: N815
    event: Any = None
    name: Any = None
    category: Any = None
    properties: Any = None
    traits: Any = None
    context: Any = None
    timestamp: Any = None
    originalTimestamp: Any = None  # noqa: N815
    sentAt: Any = None  # noqa: N815


TEXTS = (
    "type", "messageId", "userId", "anonymousId", "previousId", "groupId", "event", "name", "category",
    "timestamp", "originalTimestamp", "sentAt",
)  # fmt: skip
OBJECTS = ("properties", "traits", "context")
_decode = msgspec.json.Decoder(Item).decode


def decode_item(raw: bytes | msgspec.Raw) -> Item:
    """The item, its texts as text or None, its objects as objects. RefusedError names what cannot be read.

    A number where a text belongs is read as its digits, an empty list (PHP's empty object) as an empty object.
    """
    if len(raw) > LARGEST_ITEM:
        raise RefusedError("larger than 32 kB")
    item = _read(bytes(raw))
    for name in TEXTS:
        if (value := getattr(item, name)) is not None:
            setattr(item, name, _as_text(name, value))
    for name in OBJECTS:
        setattr(item, name, _as_object(name, getattr(item, name)))
    return item


def moment_in(item: Item, sent_at: str | None, now: datetime) -> datetime | None:
    """When it happened by our clock, or None where the item names no time. RefusedError.

    A client's clock that is more than two minutes off is put right by the difference between its `sentAt` (of the
    item, else of the whole request) and the moment of arrival: received - (sentAt - timestamp).
    """
    text = item.timestamp or item.originalTimestamp
    if not text:
        return None
    moment = read_time(text)
    if moment is None:
        raise RefusedError(f"timestamp {text[:40]!r} is not ISO 8601")
    sent = read_time(item.sentAt or sent_at or "")
    lag = now - sent if sent is not None else timedelta()
    if abs(lag) > CLOCK_SLACK:
        moment += lag
    try:
        check_moment(moment, now=now)
    except BadFactError as error:
        raise RefusedError(str(error)) from error
    return moment


def read_time(text: str) -> datetime | None:
    """A moment in UTC from ISO 8601, or from seconds or milliseconds since 1970; None for anything else."""
    try:
        if text.isascii() and text.isdigit() and len(text) > 8:
            return EPOCH + timedelta(milliseconds=int(text[:15]) * (1 if len(text) > 11 else 1000))
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _read(raw: bytes) -> Item:
    try:
        return msgspec.convert(read_json(raw), Item) if needs_care(raw) else _decode(raw)
    except UnicodeDecodeError as error:
        raise RefusedError("not UTF-8") from error
    except (msgspec.DecodeError, BadJsonError) as error:
        raise RefusedError(str(error)) from error


def _as_text(name: str, value: Any) -> str | None:
    if isinstance(value, str):
        return to_storable(value) or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)
    if value in ([], {}):
        return None
    raise RefusedError(f"{name} is a text")


def _as_object(name: str, value: Any) -> dict[str, Any]:
    if value is None or value == []:
        return {}
    if not isinstance(value, dict):
        raise RefusedError(f"{name} is an object")
    return value
