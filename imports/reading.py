"""Reading a file of people, whatever program wrote it: row by row, by a dialect that was found and may be corrected.

Nothing is held but one row; a quote that was never closed ends the file after LONGEST_FIELD letters.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from lib.cleaning import to_storable, without_nul

LONGEST_FIELD = 8_000_000
LONGEST_CELL = 100_000
LONGEST_NAME = 80
LONGEST_SHOWN = 2_000


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


class _Lines:
    """The lines of a file, with those of the row at hand kept: a row that breaks is shown as it stands."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = iter(lines)
        self.kept: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self.lines)
        if len(self.kept) < 20:
            self.kept.append(line)
        return line

    def text(self) -> str:
        """The row at hand, as far as it is worth showing."""
        return without_nul("".join(self.kept)).strip()[:LONGEST_SHOWN]


def read_raw(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    """Every row, empty ones too. UnclosedQuoteError where the rest cannot be trusted."""
    csv.field_size_limit(LONGEST_FIELD)
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        source.kept.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error) or "unexpected end" in str(error):
                raise UnclosedQuoteError(line) from error
            yield Row(line, [source.text()], _("A quote stands where none may stand."))
            continue
        if max(map(len, cells), default=0) > LONGEST_CELL:
            words = _("A cell is longer than %(n)s letters: the row is left out.") % {"n": f"{LONGEST_CELL:,}"}
            yield Row(line, [cell[:200] for cell in cells], words)
        else:
            yield Row(line, [without_nul(cell) for cell in cells])


def read_rows(path: Path, dialect: Dialect, *, skip: int = 0) -> Iterator[Row]:
    """The rows behind the header that hold something, after the first `skip`. UnclosedQuoteError."""
    done = 0
    with path.open(encoding=dialect.encoding, errors="replace", newline="") as file:
        for number, row in enumerate(read_raw(file, dialect.delimiter), 1):
            if number <= dialect.header_row or not any(cell.strip() for cell in row.cells):
                continue
            done += 1
            if done > skip:
                yield row if row.error else _fit(row, len(dialect.header))


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
