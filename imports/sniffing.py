"""Finding out how a file is written: encoding, delimiter, which row names the columns, how dates and numbers look.

What is found is a proposal: the page shows it beside a sample, and each of it can be chosen by hand (`sniff(chosen)`).
"""

import codecs
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from imports.blocks import open_lines, read_blocks
from imports.reading import Dialect, Row, UnclosedQuoteError, UnusableFileError, header_of, read_raw, unnamed

PROBE_BYTES = 65_536
DELIMITERS = ",;\t|"
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
ENCODINGS = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8 (BOM)", "utf-16": "UTF-16 (BOM)", "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE", "cp1252": "Windows-1252 (Western)", "cp1250": "Windows-1250 (Central European)",
    "iso-8859-2": "ISO 8859-2 (Central European)", "iso-8859-15": "ISO 8859-15 (Western)",
    "cp1251": "Windows-1251 (Cyrillic)", "cp1253": "Windows-1253 (Greek)", "cp1254": "Windows-1254 (Turkish)",
    "cp1257": "Windows-1257 (Baltic)", "mac_roman": "Mac Roman", "cp437": "DOS (437)", "cp850": "DOS (850)",
    "shift_jis": "Shift JIS", "gb18030": "GB 18030", "big5": "Big5", "euc_kr": "EUC-KR",
}  # fmt: skip
MOST_COLUMNS = 500
LOOKED_AT = 30
SEPARATOR_LINE = re.compile(r"\A\ufeff?sep=([^\"\r\n\0])\r?\n", re.IGNORECASE)
ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+\Z")
DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?:\D|\Z)")
COMMA = re.compile(r"-?\d{1,3}(\.\d{3})+(,\d+)?\Z|-?\d+,\d{1,2}\Z")
POINT = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?\Z|-?\d+\.\d{1,9}\Z")


def sniff(path: Path, chosen: Mapping[str, Any] | None = None, *, kind: str = "csv") -> Dialect:
    """How the file is written; what is `chosen` stands. UnusableFileError if it holds no table."""
    with path.open("rb") as file:
        probe = file.read(PROBE_BYTES)
    encoding, is_sure = _encoding_of(probe) or _encoding_by_all(path)
    return _dialect(probe, encoding, chosen or {}, is_sure=is_sure, kind=kind)


def check_head(head: bytes) -> None:
    """UnusableFileError if a file that begins like this (its first 64 kB) holds no table: then it need not be kept."""
    found = _encoding_of(head)
    _dialect(head, found[0] if found else "cp1252", {}, is_sure=False, kind="csv")


def first_rows(path: Path, dialect: Dialect, count: int = LOOKED_AT) -> list[Row]:
    """The first rows of the file as it is read, those above the header too."""
    rows: list[Row] = []
    with suppress(UnclosedQuoteError):
        for block in islice(read_blocks(path, dialect.encoding), 1):
            rows.extend(islice(read_raw(open_lines(block), dialect.delimiter), count))
    return rows


def looks_like_a_person(cells: list[str]) -> bool:
    """Whether a row that should name the columns holds an address: it is somebody, and must not get lost."""
    return any(ADDRESS.match(cell.strip()) for cell in cells)


def _dialect(probe: bytes, encoding: str, chosen: Mapping[str, Any], *, is_sure: bool, kind: str) -> Dialect:
    if not probe.strip():
        raise UnusableFileError(_("The file is empty."))
    is_sure = is_sure or "encoding" in chosen
    encoding = str(chosen.get("encoding") or encoding)
    text = probe.decode(encoding, errors="ignore" if len(probe) >= PROBE_BYTES else "replace")
    controls = sum(one < " " and one not in "\t\r\n\f\v" for one in text)
    if ("\0" in text and not encoding.startswith("utf-16")) or controls > len(text) / 20:
        raise UnusableFileError(_("This is no text. Save it as CSV, or bring an .xlsx or .vcf file."))
    told = SEPARATOR_LINE.match(text)
    delimiter = str(chosen.get("delimiter") or (told[1] if told else "") or _delimiter(text))
    rows = _probed(text, delimiter)
    header_row = int(chosen["header_row"]) if "header_row" in chosen else _header_row(rows, 1 if told else 0)
    header = _header(rows, header_row)
    below = [row.cells for row in rows[header_row:] if not row.error]
    return Dialect(
        encoding,
        delimiter,
        header,
        header_row,
        region=str(chosen.get("region", "")),
        decimal_comma=bool(chosen["decimal_comma"]) if "decimal_comma" in chosen else _has_decimal_comma(below),
        month_first=bool(chosen["month_first"]) if "month_first" in chosen else _has_month_first(below),
        kind=kind,
        is_sure=is_sure,
    )


def _probed(text: str, delimiter: str) -> list[Row]:
    """The rows of the probe but for the last, which may be cut."""
    rows: list[Row] = []
    with suppress(UnclosedQuoteError):
        rows.extend(islice(read_raw(StringIO(text, newline=""), delimiter), 1_000))
    if not rows or (rows[0].error and len(rows) == 1):
        raise UnusableFileError(_("The header cannot be read."))
    return rows


def _header_row(rows: list[Row], after: int) -> int:
    """The first row about as full as most rows are; 0 where it is a person already."""
    filled = [0 if row.error else sum(bool(cell.strip()) for cell in row.cells) for row in rows[:LOOKED_AT]]
    usual = Counter(count for count in filled[after:] if count)
    widest = max(usual, key=lambda count: (usual[count], count), default=0)
    for number, count in enumerate(filled, 1):
        if number > after and count and count >= 0.6 * widest:
            return after if looks_like_a_person(rows[number - 1].cells) else number
    return after


def _header(rows: list[Row], header_row: int) -> list[str]:
    if header_row and header_row <= len(rows) and not looks_like_a_separator(rows[header_row - 1]):
        header = header_of(rows[header_row - 1].cells)
    else:
        widest = max((len(row.cells) for row in rows[header_row : header_row + LOOKED_AT] if not row.error), default=0)
        header = [unnamed(place) for place in range(1, widest + 1)]
    if not header or len(header) > MOST_COLUMNS:
        raise UnusableFileError(_("The first line must name the columns."))
    return header


def looks_like_a_separator(row: Row) -> bool:
    """Whether a row is the line by which Excel is told the separator (sep=;)."""
    return "".join(row.cells).strip().lower() in {"sep=", "sep=,", "sep=;", "sep=|"}


def _has_decimal_comma(rows: list[list[str]]) -> bool:
    cells = [cell.strip() for row in rows for cell in row]
    commas, points = (sum(bool(shape.match(cell)) for cell in cells) for shape in (COMMA, POINT))
    return commas > points


def _has_month_first(rows: list[list[str]]) -> bool:
    """4/23/1980 says so, 23.4.1980 says no; where nothing says it, days come first."""
    found = [(int(day[1]), int(day[2])) for row in rows for cell in row if (day := DAY.match(cell.strip()))]
    return sum(second > 12 for _first, second in found) > sum(first > 12 for first, _second in found)


def _encoding_of(probe: bytes) -> tuple[str, bool] | None:
    """The encoding that the first bytes tell; None where all of them must be read to know."""
    for mark, name in BOMS:
        if probe.startswith(mark):
            return name, True
    for name, place in (("utf-16-le", 1), ("utf-16-be", 0)):
        half = probe[place:400:2]
        if len(half) > 3 and half.count(0) > 0.7 * len(half) and probe[1 - place : 400 : 2].count(0) == 0:
            return name, True
    return None


def _encoding_by_all(path: Path) -> tuple[str, bool]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252", False
    return "utf-8", True


def _delimiter(text: str) -> str:
    """The candidate that most of the first lines hold equally often outside quotes; of those the most frequent."""
    lines = [Counter(one for one in re.sub(r'"[^"]*"', "", line) if one in DELIMITERS) for line in _first_lines(text)]
    best, most = ",", (0, 0)
    for one in DELIMITERS:
        times, alike = next(iter(Counter(counts[one] for counts in lines if counts[one]).most_common(1)), (0, 0))
        if (alike, times) > most:
            best, most = one, (alike, times)
    return best


def _first_lines(text: str) -> list[str]:
    """The first lines with something on them, a quoted one with its newlines in one."""
    joined = re.sub(r'"(?:[^"]|"")*"', lambda found: found[0].replace("\n", " ").replace("\r", " "), text[:20_000])
    return [line for line in joined.splitlines() if line.strip()][:8]
