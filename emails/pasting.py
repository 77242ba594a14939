"""Words from Word, Google Docs or anywhere as blocks: headings, text with its lists and links, lines."""

import re
from collections.abc import Iterator

from emails.blocks.base import Block
from emails.blocks.divider import DividerBlock
from emails.blocks.heading import HeadingBlock
from emails.blocks.text import TextBlock
from emails.reading import new_id
from emails.rich_text import LONGEST, STRAY, clean, plain, plain_to_rich

MOST = 100_000
PIECE = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1\s*>|<hr\b[^>]*>", re.IGNORECASE | re.DOTALL)
MARKUP = re.compile(r"</?[a-z][a-z0-9:]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
MOST_HEADING = 300


def blocks_of(words: str) -> list[Block]:
    """The blocks that pasted markup, or lines of plain text, come to; none for nothing. The rest of the markup goes."""
    text = words[:MOST]
    return list(_pieces(STRAY.sub("", text))) if MARKUP.search(text) else _of_lines(text)


def _of_lines(text: str) -> list[Block]:
    html = plain_to_rich(text)
    return [TextBlock(id=new_id(), html=html)] if html else []


def _pieces(html: str) -> Iterator[Block]:
    place, has_title = 0, False
    for found in PIECE.finditer(html):
        yield from _text(html[place : found.start()])
        place = found.end()
        if found[1] is None:
            yield DividerBlock(id=new_id())
        elif title := plain(found[2])[:MOST_HEADING]:
            yield HeadingBlock(id=new_id(), text=title, level=2 if has_title or found[1] not in {"1", "2"} else 1)
            has_title = True
    yield from _text(html[place:])


def _text(html: str) -> Iterator[Block]:
    for start in range(0, len(html), LONGEST):
        if words := clean(html[start : start + LONGEST]):
            yield TextBlock(id=new_id(), html=words)
