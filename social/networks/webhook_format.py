"""The generic webhook's JSON, read item by item: a bad item is refused alone, by its place and reason (docs/events.md)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime

from conversations.channels import Heard
from conversations.visibility import WIDTHS
from lib.clock import EPOCH, now
from lib.foreign.cleaning import to_storable
from lib.foreign.foreign_json import BadJsonError, check_depth, read_json, split_list
from social.networks.protocol import BadBodyError, Parsed, Refused

MOST_ITEMS = 500
LONGEST_TEXT = 20_000


class BadItemError(ValueError):
    """One item that cannot be kept; the text names the field and the rule."""


def parse_body(raw: bytes) -> Parsed:
    """Every item of a delivery, kept or refused. BadBodyError."""
    good: list[Heard] = []
    refused: list[Refused] = []
    for index, item in enumerate(split_body(raw)):
        try:
            good.append(read_item(read_json(item)))
        except (BadItemError, BadJsonError) as error:
            said = item[:2_000].decode("utf-8", "replace")
            refused.append(Refused(index, str(error), said, said))
    return Parsed(good, refused)


def split_body(raw: bytes) -> list[bytes]:
    """The items of a delivery, one or a list, each as it is written: a broken one is refused alone. BadBodyError."""
    try:
        check_depth(raw)
    except BadJsonError as error:
        raise BadBodyError(f"not JSON: {error}") from error
    items = split_list(raw)
    if items is None:
        try:
            read_json(raw)
        except BadJsonError as error:
            raise BadBodyError(str(error)) from error
        items = [raw]
    if len(items) > MOST_ITEMS:
        raise BadBodyError(f"{len(items)} items; {MOST_ITEMS} at most")
    return items


def read_item(item: Any) -> Heard:
    """One item in our words, or BadItemError."""
    if not isinstance(item, dict):
        raise BadItemError("an item is an object")
    author = item.get("author") or {}
    if not isinstance(author, dict):
        raise BadItemError("author is an object with handle, name, url, followers")
    is_deleted = item.get("deleted") is True
    edited = _moment(item, "edited_at")
    published = _moment(item, "published_at")
    if published is None and not is_deleted:
        raise BadItemError("published_at is missing")
    text = _text(item, "text", LONGEST_TEXT, cut=True)
    if not text.strip() and not is_deleted:
        raise BadItemError("text is missing")
    return Heard(
        remote_id=_required(item, "id", 300),
        text=text,
        handle=_text(author, "handle", 200) if is_deleted else _required(author, "handle", 200, "author."),
        name=_text(author, "name", 200, cut=True),
        author_url=_address(author, "url"),
        followers=_number(author, "followers", 0, 10**12),
        url=_address(item, "url"),
        published_at=published or edited or now(),
        thread=_text(item, "thread", 200),
        title=_text(item, "title", 200, cut=True),
        language=_text(item, "language", 35),
        network=_text(item, "network", 40).lower(),
        is_public=_yes_or_no(item, "public"),
        rating=_number(item, "rating", 0, 5),
        edited_at=edited,
        is_deleted=is_deleted,
        is_html=_format(item) == "html",
        visibility=_visibility(item),
        warning=_text(item, "warning", 300, cut=True),
        parent_id=_text(item, "in_reply_to", 300),
    )


def _visibility(item: dict[str, Any]) -> str:
    said = _text(item, "visibility", 20).lower()
    if said and said not in WIDTHS:
        raise BadItemError(f"visibility is one of {', '.join(WIDTHS)}")
    return said


def _format(item: dict[str, Any]) -> str:
    """What `text` is: plain, unless the sender says that it is HTML."""
    said = _text(item, "format", 10) or "text"
    if said not in {"text", "html"}:
        raise BadItemError("format is text or html")
    return said


def _required(item: dict[str, Any], name: str, longest: int, where: str = "") -> str:
    value = item.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise BadItemError(f"{where}{name} is missing")
    if len(value) > longest:
        raise BadItemError(f"{where}{name} is longer than {longest}")
    return to_storable(value)


def _text(item: dict[str, Any], name: str, longest: int, *, cut: bool = False) -> str:
    value = item.get(name)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise BadItemError(f"{name} is text")
    if len(value) > longest:
        if not cut:
            raise BadItemError(f"{name} is longer than {longest}")
        value = value[: longest - 1] + "…"
    return value


def _address(item: dict[str, Any], name: str) -> str:
    value = _text(item, name, 500)
    if value and not value.lower().startswith(("http://", "https://")):
        raise BadItemError(f"{name} is an http or https address")
    return value


def _number(item: dict[str, Any], name: str, lowest: int, highest: int) -> int | None:
    value = item.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
        raise BadItemError(f"{name} is a number from {lowest} to {highest}")
    return round(value)


def _yes_or_no(item: dict[str, Any], name: str) -> bool | None:
    value = item.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadItemError(f"{name} is true or false")
    return value


def _moment(item: dict[str, Any], name: str) -> datetime | None:
    value = item.get(name)
    if value is None:
        return None
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadItemError(f"{name} is a time with its zone, as 2026-11-19T13:50:00Z")
    if moment < EPOCH:
        raise BadItemError(f"{name} lies before 1970")
    if moment > now() + timedelta(minutes=10):
        raise BadItemError(f"{name} lies more than 10 minutes ahead")
    return moment.astimezone(UTC)
