"""Writing tables that a spreadsheet will open."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable

BEGINS_FORMULA = "=+-@"  # also as full-width signs, which Excel folds
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?", re.ASCII)
UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # control, format (BOM, zero width) and space characters


def write_table(header: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """A table as CSV, its header too, with every formula disarmed.

    Every cell is quoted, because a spreadsheet of another country splits at semicolons, and what stood behind one
    would begin a cell.
    """
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    for row in (header, *rows):
        writer.writerow([guard_formula(str(cell)) for cell in row])
    return out.getvalue()


def guard_formula(text: str) -> str:
    """The text with a ' before what a spreadsheet would run as a formula; plain numbers stay numbers.

    Spreadsheets skip what cannot be seen at the beginning, so that is skipped here too; a text that begins with a tab
    or a line end is guarded whatever follows.
    """
    seen = text.lstrip("".join({one for one in text if unicodedata.category(one) in UNSEEN}))
    first = unicodedata.normalize("NFKC", seen[:1])[:1]
    if not text.startswith(("\t", "\r", "\n")) and (not first or first not in BEGINS_FORMULA):
        return text
    return text if NUMBER.fullmatch(text) else f"'{text}"
