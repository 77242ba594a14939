"""A thing of the library that begins at a moment as a file for calendars (RFC 5545), for whoever has its address."""

from datetime import UTC, datetime, timedelta

from emails.models import LibraryItem
from lib.links import public_link
from lib.signing import make_token

CALENDAR = "emails.calendar"
USUAL = timedelta(hours=1)  # of one of which nobody said when it ends
LONGEST_LINE = 75  # octets


def calendar_address(item: LibraryItem) -> str:
    """Where its file lies; "" of what begins at no moment. The address cannot be guessed."""
    if item.starts_at is None or item.workspace_id is None:
        return ""
    return public_link("calendar_file", make_token(CALENDAR, item.workspace_id, item.pk))


def calendar_file(item: LibraryItem) -> bytes:
    """The file, with lines as the standard has them. ValueError of what begins at no moment."""
    starts = item.starts_at
    if starts is None:
        raise ValueError("it begins at no moment")
    ends = item.expires_at if item.expires_at and item.expires_at > starts else starts + USUAL
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//eCRM//Library//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:library-{item.workspace_id}-{item.pk}@ecrm",
        f"DTSTAMP:{_moment(item.changed_at)}",
        f"DTSTART:{_moment(starts)}",
        f"DTEND:{_moment(ends)}",
        f"SUMMARY:{_text(item.title)}",
        *([f"DESCRIPTION:{_text(item.teaser)}"] if item.teaser else []),
        f"URL:{item.url}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) + b"\r\n" for line in lines)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    """Its signs that mean something are escaped; a line is one line."""
    for sign in ("\\", ";", ","):
        words = words.replace(sign, "\\" + sign)
    return words.replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """At most 75 octets a line, each further one behind a blank, and no letter cut in two."""
    found, room = [b""], LONGEST_LINE
    for letter in line:
        octets = letter.encode()
        if len(found[-1]) + len(octets) > room:
            found.append(b" ")
        found[-1] += octets
    return b"\r\n".join(found)
