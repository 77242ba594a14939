"""A file's text in blocks of whole lines, each knowing where it begins in bytes: reading can go on in the middle.

A line ends as for Python's universal newlines (LF, CR or both). Every encoding that we offer but UTF-16 writes these
as the bytes of ASCII and never inside another sign, so lines are counted in bytes; UTF-16 is counted in its own units.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import BinaryIO

BLOCK_BYTES = 1 << 20
LINE_END = re.compile(rb"\r\n|\r|\n")
TEXT_LINE_END = re.compile(r"\r\n|\r|\n")
WIDE = {"utf-16-le", "utf-16-be"}
MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of a file: the first is line `first_line` (from 0) and begins at byte `offset`."""

    text: str
    raw: bytes
    encoding: str
    offset: int
    first_line: int
    line_count: int

    def offset_of(self, line: int) -> int:
        """The byte at which a line begins, of those in this block or the one behind it."""
        skipped = line - self.first_line
        if skipped >= self.line_count:
            return self.offset + len(self.raw)
        if self.encoding in WIDE:
            return self.offset + len(self.text[: _end(TEXT_LINE_END, self.text, skipped)].encode(self.encoding))
        return self.offset + _end(LINE_END, self.raw, skipped)

    def lines(self, first: int, after: int) -> str:
        """The text of some of its lines."""
        begin, end = (_end(TEXT_LINE_END, self.text, max(0, line - self.first_line)) for line in (first, after))
        return self.text[begin:end]


def read_blocks(path: Path, encoding: str, *, offset: int = 0, line: int = 0) -> Iterator[Block]:
    """The blocks of a file from a byte on, at which line number `line` (from 0) begins. A BOM belongs to no line."""
    with path.open("rb") as file:
        encoding, begin = _without_mark(file, encoding)
        offset = max(offset, begin)
        while True:
            file.seek(offset)
            raw = _whole_lines(file, wide=encoding if encoding in WIDE else "")
            if not raw:
                return
            text = raw.decode(encoding, "replace")
            count = _count(text)
            yield Block(text, raw, encoding, offset, line, count)
            offset, line = offset + len(raw), line + count


def open_lines(block: Block) -> StringIO:
    """Its lines with their ends, one by one."""
    return StringIO(block.text, newline="")


def _without_mark(file: BinaryIO, encoding: str) -> tuple[str, int]:
    """The encoding of everything behind a byte-order mark, and where that begins."""
    head = file.read(3)
    if encoding == "utf-16":
        name = MARKS.get(head[:2])
        return (name, 2) if name else ("utf-16-le", 0)
    if encoding == "utf-8-sig":
        return "utf-8", 3 if head == codecs.BOM_UTF8 else 0
    return encoding, 0


def _whole_lines(file: BinaryIO, *, wide: str) -> bytes:
    """What follows, to the end of a line or of the file."""
    raw = file.read(BLOCK_BYTES)
    while raw and (more := file.read(BLOCK_BYTES if wide or len(raw) > BLOCK_BYTES else 1)):
        cut = _cut_wide(raw, wide) if wide else raw.rfind(b"\n") + 1 or raw.rfind(b"\r", 0, -1) + 1
        if cut:
            return raw[:cut]
        raw += more
    return raw


def _cut_wide(raw: bytes, encoding: str) -> int:
    """Behind the last line end of UTF-16."""
    text = raw.decode(encoding, "replace")
    return len(text[: text.rfind("\n") + 1 or text.rfind("\r", 0, -1) + 1].encode(encoding))


def _count(text: str) -> int:
    """How many lines a text of whole lines has."""
    ends = text.count("\n") if "\r" not in text else text.count("\n") + text.count("\r") - text.count("\r\n")
    return ends + (text[-1:] not in {"\n", "\r"})


def _end[S: (str, bytes)](ends: "re.Pattern[S]", text: S, count: int) -> int:
    """Behind so many lines."""
    place = 0
    for _number in range(count):
        found = ends.search(text, place)
        if found is None:
            return len(text)
        place = found.end()
    return place
