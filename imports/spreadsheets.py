"""Excel files (.xlsx) become tables of text: numbers with all their digits, dates as ISO days, zeros in front kept."""

import csv
import re
import warnings
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile, is_zipfile

import structlog
from django.utils.translation import gettext as _

from contacts.custom_fields.values import number_text
from imports.reading import UnusableFileError

WORKBOOK = "xl/workbook.xml"
LARGEST_UNPACKED = 2_000_000_000  # a zip bomb unpacks to more
LARGEST_STRINGS = 300_000_000  # all texts of a workbook are held while it is read
ZEROS = re.compile(r"0+\Z")
log = structlog.get_logger(__name__)


def is_xlsx(file: IO[bytes] | Path) -> bool:
    """Whether a file is an Excel workbook. UnusableFileError for one of another kind, and for a bomb."""
    if not is_zipfile(file):
        return False
    try:
        with ZipFile(file) as archive:
            sizes = {one.filename: one.file_size for one in archive.infolist()}
    except BadZipFile:
        return False
    if WORKBOOK not in sizes:
        raise UnusableFileError(_("This archive is no Excel workbook. Save the table as .xlsx or CSV."))
    if sum(sizes.values()) > LARGEST_UNPACKED or sizes.get("xl/sharedStrings.xml", 0) > LARGEST_STRINGS:
        raise UnusableFileError(_("This workbook is too large to be read. Save the table as CSV."))
    return True


def write_sheet(source: Path, target: Path) -> None:
    """The active sheet of a workbook as CSV. UnusableFileError if it cannot be read."""
    try:
        with warnings.catch_warnings(), target.open("w", newline="", encoding="utf-8") as file:
            warnings.simplefilter("ignore")
            csv.writer(file).writerows(_rows(source))
    except UnusableFileError:
        raise
    except Exception as error:  # whatever a broken workbook makes the reader do
        log.warning("workbook_unreadable", error=repr(error)[:300])
        raise UnusableFileError(_("The workbook cannot be read. Save the table as CSV.")) from error


def _rows(source: Path) -> Iterator[list[str]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - 30 MB and half a second that a process without a workbook saves

    book = load_workbook(source, read_only=True, data_only=True)
    try:
        sheet = book.active or book.worksheets[0]
        sheet.reset_dimensions()  # some programs write wrong ones
        for row in sheet.iter_rows():
            cells = [_text(cell.value, getattr(cell, "number_format", "")) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            yield cells
    finally:
        book.close()


def _text(value: Any, shape: str | None) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            text = number_text(value)
            return text.zfill(len(shape)) if shape and ZEROS.match(shape) and text.isdigit() else text
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
        case _:
            return str(value)
