"""Reading a file of people, whatever program wrote it: encoding, delimiter, header, then row by row.

Nothing is held but one row; a field may be 128 kB at most, beyond that a quote was not closed.
"""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from lib.cleaning import to_storable, without_nul

LONGEST_FIELD = 131_072
PROBE_BYTES = 65_536
DELIMITERS = ",;\t|"
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
MOST_COLUMNS = 500


class UnusableFileError(ValueError):
    """A file that is no table of text."""


class UnclosedQuoteError(ValueError):
    """A quote was opened on `line` and never closed; what came before is good."""

    def __init__(self, line: int) -> None:
        super().__init__(_("The file stops at line %(line)s: a quote is not closed.") % {"line": line})
        self.line = line


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written."""

    encoding: str
    delimiter: str
    header: list[str]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Row:
    """One row with the line it begins on; `error` says why it cannot be read."""

    line: int
    cells: list[str]
    error: str = ""


def sniff(path: Path) -> Dialect:
    """How the file is written; UnusableFileError if it holds no table."""
    with path.open("rb") as file:
        probe = file.read(PROBE_BYTES)
    return _dialect(probe, _encoding_of(probe) or _encoding_by_all(path))


def check_head(head: bytes) -> None:
    """UnusableFileError if a file that begins like this (its first 64 kB) holds no table: then it need not be kept."""
    _dialect(head, _encoding_of(head) or "cp1252")


def _dialect(probe: bytes, encoding: str) -> Dialect:
    if not probe.strip():
        raise UnusableFileError(_("The file is empty."))
    text = probe.decode(encoding, errors="ignore" if len(probe) >= PROBE_BYTES else "replace")
    if "\0" in text:
        raise UnusableFileError(_("This is no text: a spreadsheet must be saved as CSV first."))
    delimiter = _delimiter(text)
    csv.field_size_limit(LONGEST_FIELD)
    try:
        header = next(csv.reader(text.splitlines(keepends=True), delimiter=delimiter), [])
    except csv.Error as error:
        raise UnusableFileError(_("The header cannot be read.")) from error
    header = [to_storable(name.strip().lstrip("\ufeff")) for name in header]
    while header and not header[-1]:
        header.pop()
    if not header or len(header) > MOST_COLUMNS:
        raise UnusableFileError(_("The first line must name the columns."))
    return Dialect(encoding, delimiter, header)


def read_rows(path: Path, dialect: Dialect, *, skip: int = 0) -> Iterator[Row]:
    """The rows behind the header, after the first `skip`. UnclosedQuoteError where the rest cannot be trusted.

    UnusableFileError where the header cannot be read.
    """
    csv.field_size_limit(LONGEST_FIELD)
    with path.open(encoding=dialect.encoding, errors="replace", newline="") as file:
        reader = csv.reader(file, delimiter=dialect.delimiter, strict=True)
        try:
            next(reader, None)
        except csv.Error as error:
            raise UnusableFileError(_("The header cannot be read.")) from error
        done = 0
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "field limit" in str(error) or "unexpected end" in str(error):
                    raise UnclosedQuoteError(line) from error
                row = Row(line, [], _("A quote stands where none may stand."))
            else:
                if not any(cell.strip() for cell in cells):
                    continue
                row = _fit(line, [without_nul(cell) for cell in cells], len(dialect.header))
            done += 1
            if done > skip:
                yield row


def count_rows(path: Path, dialect: Dialect) -> int:
    """How many rows a file holds, as far as it can be read."""
    count = 0
    try:
        for _row in read_rows(path, dialect):
            count += 1
    except UnclosedQuoteError:
        pass
    return count


def _fit(line: int, cells: list[str], width: int) -> Row:
    extra = [cell for cell in cells[width:] if cell.strip()]
    if extra:
        return Row(line, cells, _("This row has more cells than the header has names."))
    return Row(line, [*cells[:width], *[""] * (width - len(cells))])


def _encoding_of(probe: bytes) -> str:
    """The encoding that the first bytes tell; "" where all of them must be read to know."""
    for mark, name in BOMS:
        if probe.startswith(mark):
            return name
    return "utf-16-le" if probe[1:200:2].count(0) > 50 else ""


def _encoding_by_all(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(text: str) -> str:
    """The candidate that the header's own line holds most often outside quotes."""
    counts: Counter[str] = Counter()
    quoted = False
    for one in text:
        if one == '"':
            quoted = not quoted
        elif not quoted and one in "\r\n":
            if counts or quoted:
                break
        elif not quoted and one in DELIMITERS:
            counts[one] += 1
    return counts.most_common(1)[0][0] if counts else ","
