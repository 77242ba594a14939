"""Records as Bluesky keeps them: their keys, made so that a repeated attempt writes the same one; links and names in a text."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from lib.clock import EPOCH
from lib.graphemes import count_graphemes

LETTERS = "234567abcdefghijklmnopqrstuvwxyz"  # base32 that sorts
LONGEST, LONGEST_BYTES, POSTS = 300, 3_000, 4
LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
NAME = re.compile(
    r"(?<![\w@./])@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61})(?![\w@])", re.IGNORECASE
)
WORD = re.compile(r"(?<![\w#&/])#(?!\d+\b)(\w{1,64})")
AFTER_LINK = ".,;:!?'’”…"


def fits(text: str) -> bool:
    """Whether one post takes it: 300 letters as a person counts them, and 3,000 bytes."""
    return count_graphemes(text) <= LONGEST and len(text.encode()) <= LONGEST_BYTES


def record_key(key: str, created_at: datetime, place: int = 0) -> str:
    """A TID: the moment in microseconds, and ten bits that tell apart what was made in the same one. The same each time.

    `place` is of the parts of one answer: each comes a microsecond after the one before.
    """
    digest = sha256(f"{key} {place}".encode()).digest()
    number = (_microseconds(created_at) + place) << 10 | int.from_bytes(digest[:2], "big") & 1023
    return "".join(LETTERS[number >> 5 * (12 - at) & 31] for at in range(13))


def record_uri(did: str, collection: str, key: str) -> str:
    """The address of a record."""
    return f"at://{did}/{collection}/{key}"


def written_at(created_at: datetime, place: int = 0) -> str:
    """The moment of a record as it is written there."""
    moment = created_at.astimezone(UTC) + timedelta(milliseconds=place)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def facets_of(text: str, did_of: Callable[[str], str]) -> list[dict[str, Any]]:
    """Links, names and hashtags of a text, each at its place in bytes of UTF-8. A name that is nobody's stays text."""
    found, taken = list[dict[str, Any]](), list[tuple[int, int]]()
    for match in LINK.finditer(text):
        link = _without_end(match[0])
        taken.append((match.start(), match.start() + len(link)))
        found.append(_facet(text, *taken[-1], {"$type": "app.bsky.richtext.facet#link", "uri": link}))
    for pattern, kind in ((NAME, "mention"), (WORD, "tag")):
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < until and since < end for since, until in taken):
                continue
            value = did_of(match[1].lower()) if kind == "mention" else match[1]
            if value:
                what = {"$type": f"app.bsky.richtext.facet#{kind}", "did" if kind == "mention" else "tag": value}
                found.append(_facet(text, start, end, what))
    return sorted(found, key=lambda one: one["index"]["byteStart"])


def _facet(text: str, start: int, end: int, feature: dict[str, str]) -> dict[str, Any]:
    place = {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())}
    return {"index": place, "features": [feature]}


def _without_end(link: str) -> str:
    """A link without the signs of the sentence around it; a closing bracket stays where one opens in the link."""
    while link and (link[-1] in AFTER_LINK or (link[-1] == ")" and link.count(")") > link.count("("))):
        link = link[:-1]
    return link
