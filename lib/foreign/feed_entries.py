"""RSS and Atom: the newest entries of a feed, read from its bytes, and what one says; whoever asks for feeds uses it."""

import calendar
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

import feedparser
from django.utils.dateparse import parse_datetime

from lib.clock import now
from lib.foreign.cleaning import html_to_text, looks_like_html, to_line

MOST_ENTRIES = 200
MANY_ENTRIES = 1_000  # more are sorted by their bytes before they are read: feedparser needs 0.4 ms for one
ENTRY = re.compile(rb"<(item|entry)[\s>].*?</\1\s*>", re.DOTALL | re.IGNORECASE)
DATE = re.compile(rb"<(?:pubDate|updated|published|modified|dc:date)[^>]*>\s*([^<]{8,60}?)\s*<", re.IGNORECASE)
# What XML cannot hold makes a whole page unreadable, though it stands in one entry: control characters, halves of
# surrogate pairs (in UTF-8 their three bytes), references to either.
UNREADABLE = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xed[\xa0-\xbf][\x80-\xbf]|\xef\xbf[\xbe\xbf]")
REFERENCE = re.compile(rb"&#(?:x([0-9a-f]{1,8})|([0-9]{1,10}));", re.IGNORECASE)
REPLACEMENT = "\ufffd".encode()


class NoFeedError(ValueError):
    """These bytes are no RSS and no Atom."""


@dataclass(frozen=True, slots=True)
class Entries:
    """The newest entries of a feed, newest first, how many it holds, and what it is called."""

    rows: Sequence[Any]
    count: int
    language: str = ""
    title: str = ""


def read_entries(body: bytes, *, url: str, content_type: str) -> Entries:
    """The newest entries of a feed, by date and not by place, links resolved against `url`. NoFeedError."""
    count, body = _newest_bytes(_readable(body))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        headers = {"content-type": content_type, "content-location": url}
        parsed = feedparser.parse(body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    if not parsed.entries and (parsed.bozo or not parsed.get("version")):
        raise NoFeedError("this is no feed")
    moment = now()
    rows = sorted(parsed.entries, key=lambda one: moment_of(one) or moment, reverse=True)[:MOST_ENTRIES]
    return Entries(rows, max(count, len(parsed.entries)), str(parsed.feed.get("language", "")), _title(parsed.feed))


def _title(feed: Any) -> str:
    return to_line(html_to_text(str(feed.get("title", ""))), 200)


def moment_of(row: Any) -> datetime | None:
    """When it was published, or last changed."""
    return read_moment(dict.get(row, "published_parsed")) or read_moment(dict.get(row, "updated_parsed"))


def read_moment(parts: Any) -> datetime | None:
    """A moment as feedparser tells it; None for what is none."""
    if not parts:
        return None
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=calendar.timegm(parts))
    except (OverflowError, ValueError, TypeError):
        return None


def link_of(row: Any, url: str) -> str:
    """Where it stands, whole; "" where it says none, or none that can be."""
    said = str(row.get("link", "")).strip()
    try:
        return urljoin(url, said) if said else ""
    except ValueError:
        return ""


def body_of(row: Any) -> str:
    """What it says, as it stands there."""
    return str(row.content[0].get("value", "")) if row.get("content") else str(row.get("summary", ""))


def as_html(text: str, kind: str) -> str:
    """RSS cannot say what a text is, so `html` is believed only where it looks so: `a<b` stays."""
    is_html = kind in {"text/html", "application/xhtml+xml"} and looks_like_html(text)
    if is_html:
        return text
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\n", "<br>")


def _readable(body: bytes) -> bytes:
    """The feed without what no reader of XML takes; one in UTF-16 or 32 is left as it is, NULs belong to it."""
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0<" in body[:8] or b"<\0" in body[:8]:
        return body
    return REFERENCE.sub(_reference, UNREADABLE.sub(REPLACEMENT, body))


def _reference(found: re.Match[bytes]) -> bytes:
    number = int(found[1], 16) if found[1] else int(found[2])
    is_fine = (
        number in {9, 10, 13} or 0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000
    )
    return found[0] if is_fine else b"&#xFFFD;"


def _newest_bytes(body: bytes) -> tuple[int, bytes]:
    """How many entries a feed holds, and the feed with only the newest of many: 15 MB of small ones are 75,000."""
    found = list(ENTRY.finditer(body))
    if len(found) <= MANY_ENTRIES:
        return len(found), body
    dated = sorted(found, key=lambda one: _moment_in(one[0]), reverse=True)[:MOST_ENTRIES]
    kept = {one.start() for one in dated}
    return len(found), b"".join(_without(body, found, kept))


def _without(body: bytes, found: Sequence[re.Match[bytes]], kept: set[int]) -> Iterator[bytes]:
    """The feed's own head and foot, and between them the entries that are kept."""
    at = 0
    for one in found:
        if one.start() not in kept:
            yield body[at : one.start()]
            at = one.end()
    yield body[at:]


def _moment_in(entry: bytes) -> datetime:
    """The first date that stands in an entry; without one it counts as old."""
    found = DATE.search(entry)
    text = found[1].decode("ascii", "replace") if found else ""
    try:
        moment = parse_datetime(text) if text[:4].isdigit() else parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        moment = None
    oldest = datetime(1970, 1, 1, tzinfo=UTC)
    if moment is None:
        return oldest
    return max(moment if moment.tzinfo else moment.replace(tzinfo=UTC), oldest)
