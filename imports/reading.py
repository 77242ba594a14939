"""Reading a file of people, whatever program wrote it: row by row, by a dialect that was found and may be corrected.

Nothing is held but two blocks of the file; a quote that was never closed ends it after LONGEST_FIELD letters. Reading can
go on at a byte (`Position`), however rows span lines there.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from imports.blocks import Block, open_lines, read_blocks
from lib.foreign.cleaning import to_storable, without_nul

LONGEST_FIELD = 8_000_000
LONGEST_CELL = 100_000
LONGEST_NAME = 80
LONGEST_SHOWN = 2_000
MOST_SHOWN_LINES = 20


class UnusableFileError(ValueError):
    """A file that is no table of text."""


class UnclosedQuoteError(ValueError):
    """A quote was opened on `line` and never closed; what came before is good."""

    def __init__(self, line: int) -> None:
        super().__init__(_("The file stops at line %(line)s: a quote is not closed.") % {"line": line})
        self.line = line


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written.

    `header_row` is the number of the row that names the columns, rows above it are a title; 0: none does. `region` is
    where numbers without + were dialled ("+": they begin with a country code), "" for the workspace's.
    """

    encoding: str
    delimiter: str
    header: list[str]
    header_row: int = 1
    region: str = ""
    decimal_comma: bool = False
    month_first: bool = False
    kind: str = "csv"
    is_sure: bool = True

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


class Row(NamedTuple):
    """One row with the line it begins on; `error` says why it cannot be read, `cells` hold its text then."""

    line: int
    cells: list[str]
    error: str = ""


class Position(NamedTuple):
    """Where a row begins: its first byte, and the line it stands on (from 0)."""

    offset: int
    line: int


BEGINNING = Position(0, 0)


class RowReader:
    """The rows of a file behind its header that hold something, with the place up to which they were read.

    A quote may span lines and blocks; what is at hand is the block that is read and the one before it.
    """

    def __init__(self, path: Path, dialect: Dialect, start: Position = BEGINNING) -> None:
        self.dialect, self.start = dialect, start
        self._header_rows = dialect.header_row if start == BEGINNING else 0
        self._blocks: deque[Block] = deque(maxlen=2)
        self._source = read_blocks(path, dialect.encoding, offset=start.offset, line=start.line)
        self._csv = csv.reader(self._lines(), delimiter=dialect.delimiter, strict=True)
        self._rows = self._read()

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def take(self, count: int) -> list[Row]:
        """The next rows; fewer at the end. UnclosedQuoteError where the rest cannot be trusted."""
        return list(islice(self._rows, count))

    def position(self) -> Position:
        """Where the row behind the last one begins that was taken."""
        line = self.start.line + self._csv.line_num
        block = next((one for one in reversed(self._blocks) if one.first_line <= line), None)
        return Position(block.offset_of(line), line) if block else self.start

    def _lines(self) -> Iterator[str]:
        return chain.from_iterable(map(open_lines, self._kept()))

    def _kept(self) -> Iterator[Block]:
        for block in self._source:
            self._blocks.append(block)
            yield block

    def _read(self) -> Iterator[Row]:
        above, width = self._header_rows, len(self.dialect.header)
        for row in _rows_of(self._csv, self.start.line, self._said):
            if above:
                above -= 1
            elif row.error:
                if any(cell.strip() for cell in row.cells):
                    yield row
            elif (row.cells and row.cells[0].strip()) or any(cell.strip() for cell in row.cells):
                yield row if len(row.cells) == width else _fit(row, width)

    def _said(self, first: int, after: int) -> str:
        return "".join(block.lines(first, after) for block in self._blocks)


def read_raw(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    """Every row, empty ones too. UnclosedQuoteError where the rest cannot be trusted."""
    kept = list(lines)
    reader = csv.reader(kept, delimiter=delimiter, strict=True)
    return _rows_of(reader, 0, lambda first, after: "".join(kept[first:after]))


def _rows_of(reader: Any, above: int, said: Callable[[int, int], str]) -> Iterator[Row]:
    """The rows of a csv.reader; `above` lines came before it, `said` gives the text of some lines (from 0)."""
    csv.field_size_limit(LONGEST_FIELD)
    while True:
        line = above + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error) or "unexpected end" in str(error):
                raise UnclosedQuoteError(line + 1) from error
            text = said(line, min(above + reader.line_num, line + MOST_SHOWN_LINES))
            yield Row(line + 1, [without_nul(text).strip()[:LONGEST_SHOWN]], _("A quote stands where none may stand."))
            continue
        whole = "".join(cells)
        if len(whole) > LONGEST_CELL and max(map(len, cells)) > LONGEST_CELL:
            words = _("A cell is longer than %(n)s letters: the row is left out.") % {"n": f"{LONGEST_CELL:,}"}
            yield Row(line + 1, [cell[:200] for cell in cells], words)
        else:
            yield Row(line + 1, [without_nul(cell) for cell in cells] if "\0" in whole else cells)


def read_rows(path: Path, dialect: Dialect, *, skip: int = 0) -> Iterator[Row]:
    """The rows behind the header that hold something, after the first `skip`. UnclosedQuoteError."""
    return islice(RowReader(path, dialect), skip, None)


def count_rows(path: Path, dialect: Dialect) -> int:
    """How many rows a file holds, as far as it can be read."""
    count = 0
    try:
        for _row in read_rows(path, dialect):
            count += 1
    except UnclosedQuoteError:
        pass
    return count


def unnamed(place: int) -> str:
    """What a column is called that bears no name, by its place (the first is 1)."""
    return _("Column %(n)d") % {"n": place}


def header_of(cells: list[str]) -> list[str]:
    """The names of the columns, each of them once: an empty one is called by its place, a second one is numbered."""
    names: list[str] = []
    while cells and not cells[-1].strip("\ufeff \t\r\n\xa0"):
        cells = cells[:-1]
    for place, cell in enumerate(cells, 1):
        name = to_storable(cell.strip().lstrip("\ufeff"), LONGEST_NAME) or unnamed(place)
        number = 2
        unique = name
        while unique in names:
            unique = f"{name[: LONGEST_NAME - 5]} ({number})"
            number += 1
        names.append(unique)
    return names


def _fit(row: Row, width: int) -> Row:
    if len(row.cells) == width:
        return row
    if any(cell.strip() for cell in row.cells[width:]):
        return Row(row.line, row.cells, _("This row has more cells than the header has names."))
    return Row(row.line, [*row.cells[:width], *[""] * (width - len(row.cells))])
