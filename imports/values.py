"""The cells of a file as what their column is: numbers and dates of many spellings, lists, phones."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from contacts.addresses import BadAddressError, normalise_phone
from contacts.custom_fields.values import BadValueError, Written, read_day, read_number, read_value
from contacts.fields import Place, fields_at, reserved_names
from contacts.models import CustomType, FieldDefinition
from lib.clock import is_storable
from lib.times.month_names import read_moment

NUMBER_WITH_POINT = re.compile(r"[+-]?(0|[1-9]\d{0,14}|[1-9]\d{0,2}(,\d{3})+)(\.\d{1,12})?\Z")
NUMBER_WITH_COMMA = re.compile(r"[+-]?(0|[1-9]\d{0,14}|[1-9]\d{0,2}(\.\d{3})+)(,\d{1,12})?\Z")
LONGEST_NUMBER = 10  # more digits without a fraction are a number of a thing: a card, a customer
DAY = re.compile(
    r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?(?:\s?([AP]M))?)?\Z",
    re.IGNORECASE,
)
ISO_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(\Z|[T ])")
NO_DAY = re.compile(r"0?0[./-]0?0[./-]0{2,4}\Z|0000-00-00")
LIST = re.compile(r"\s*:::\s*|\s*[;,\n|]\s*|\s+/\s+|\s+(?:oder|or|und|and)\s+")
DIGITS = re.compile(r"\d{8,15}\Z")
YOUNGEST_CENTURY = 70  # 69 is 2069, 70 is 1970, as POSIX says


@dataclass(frozen=True, slots=True)
class Reading:
    """How values are written in a file. `region`: where numbers were dialled; "+": they begin with a country code.

    `own` and `reserved` are a contact's own fields with their lengths, and all names that mean one; `declared` are the
    workspace's fields by their folded names, `members` the numbers of members by their addresses: read once a slice.
    """

    list_separator: str = ","
    decimal_comma: bool = False
    region: str | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    id_prefix: str = ""
    month_first: bool = False
    follows_country: bool = False  # numbers were dialled where the row says that the person lives
    own: dict[str, int] = field(default_factory=lambda: {one.name: one.length for one in fields_at(Place.IMPORT)})
    reserved: frozenset[str] = field(default_factory=reserved_names)
    declared: Mapping[str, FieldDefinition] = field(default_factory=dict)
    members: Mapping[str, int] = field(default_factory=dict)


def is_number(text: str, *, decimal_comma: bool) -> bool:
    """Whether a cell is a number to count with."""
    shape = NUMBER_WITH_COMMA if decimal_comma else NUMBER_WITH_POINT
    clean = text.removeprefix("'")
    return bool(shape.match(clean)) and len(re.split(r"[.,]", clean)[0]) <= LONGEST_NUMBER


def is_moment(text: str, *, month_first: bool) -> bool:
    """Whether a cell is a date."""
    return parse_moment(text, Reading(month_first=month_first)) is not None


def parse_number(text: str, reading: Reading) -> float | None:
    """A cell as a number, or None."""
    clean = text.removeprefix("'")
    if reading.decimal_comma and NUMBER_WITH_COMMA.match(clean):
        return float(clean.replace(".", "").replace(",", "."))
    if not reading.decimal_comma and NUMBER_WITH_POINT.match(clean):
        return float(clean.replace(",", ""))
    return None


def parse_moment(text: str, reading: Reading) -> datetime | None:
    """A moment in the file's zone where the cell names none; None for what is no date of the years 1900 to 2200."""
    return _moment_of(text, reading.zone, month_first=reading.month_first)


@lru_cache(maxsize=20_000)  # days repeat within a file
def _moment_of(text: str, zone: ZoneInfo, *, month_first: bool) -> datetime | None:
    day = DAY.match(text)
    try:
        if day:
            moment: datetime | None = _from_parts(day, zone, month_first=month_first)
        elif not ISO_DAY.match(text):
            moment = read_moment(text, zone)
        else:
            date, blank, time = text.partition("T" if "T" in text else " ")
            date = "-".join(part.zfill(2) for part in date.split("-"))
            moment = parse_datetime(f"{date} {time}" if blank else f"{date} 00:00")
    except (ValueError, OverflowError):
        return None
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment if moment is not None and is_storable(moment) else None


def _from_parts(day: re.Match[str], zone: ZoneInfo, *, month_first: bool) -> datetime:
    first, second, year = int(day[1]), int(day[3]), int(day[4])
    day_of_month, month = (second, first) if month_first and day[2] != "." else (first, second)
    if len(day[4]) == 2:
        year += 1900 if year >= YOUNGEST_CENTURY else 2000
    hour = int(day[5] or 0)
    if day[8]:
        hour = hour % 12 + (12 if day[8].upper() == "PM" else 0)
    return datetime(year, month, day_of_month, hour, int(day[6] or 0), int(day[7] or 0), tzinfo=zone)


def written_number(text: str, reading: Reading) -> Written | None:
    """A cell of a column of numbers, its text as it stood."""
    number = parse_number(text, reading)
    return None if number is None else Written(text.removeprefix("'"), number=number)


def written_moment(text: str, reading: Reading) -> Written | None:
    """A cell of a column of dates, its text as it stood."""
    moment = parse_moment(text, reading)
    return None if moment is None else Written(text, moment=moment)


def read_declared(field: FieldDefinition, text: str, reading: Reading) -> Written | None:
    """A cell of a column of a declared field, by its type and as the file writes numbers and dates. BadValueError."""
    if field.type == CustomType.NUMBER:
        number = parse_number(text, reading)
        return read_number(text if number is None else number)
    if field.type == CustomType.DATE:
        moment = parse_moment(text, reading)
        if moment is None:
            raise BadValueError(_("it is no date of the years 1900 to 2200"))
        local = moment.astimezone(reading.zone)
        is_day = (local.hour, local.minute, local.second) == (0, 0, 0)
        return Written(local.date().isoformat(), moment=moment) if is_day else read_day(moment)
    return read_value(field, text)


def split_list(text: str, separator: str) -> list[str]:
    """The parts of a cell that holds a list; what stands in quotes is one part, separators and all."""
    text = text.replace(":::", separator)
    if '"' in text:
        try:
            parts = next(csv.reader([text.replace("\n", " ")], delimiter=separator, skipinitialspace=True), [])
        except csv.Error:
            parts = text.split(separator)
    else:
        parts = text.split(separator)
    return [part for one in parts if (part := one.strip().strip('"').strip())]


def split_emails(text: str) -> list[str]:
    """The addresses of a cell that holds several; a cell of one is that cell."""
    parts = [part for part in re.split(r"\s*:::\s*|\s*[;,|\n]\s*", text) if part]
    return parts if len(parts) > 1 and all("@" in part for part in parts) else [text]


def read_phones(text: str, reading: Reading) -> tuple[list[str], list[str]]:
    """The numbers of a cell in one spelling, and what must be said about them. BadAddressError where there is none."""
    parts = [part for part in LIST.split(text) if part]
    found: list[str] = []
    notes: list[str] = []
    first_error: BadAddressError | None = None
    for part in parts if len(parts) > 1 else [text]:
        try:
            number, note = _read_phone(part, reading)
        except BadAddressError as error:
            first_error = first_error or error
            notes.append(_("“%(part)s” is left out") % {"part": part[:40]})
        else:
            if number not in found:
                found.append(number)
            notes += [note] if note else []
    if not found:
        raise first_error or BadAddressError(_("This is no phone number with a country code."))
    return found, notes


def _read_phone(text: str, reading: Reading) -> tuple[str, str]:
    clean = re.sub(r"[\s()./\u00a0-]", "", text.lstrip("'"))
    extension = re.search(r"(?:ext\.?|x|durchwahl|dw\.?)\s*(\d{1,6})\s*\Z", text, re.IGNORECASE)
    note = _("extension %(n)s is not kept") % {"n": extension[1]} if extension else ""
    if reading.region == "+" and not text.lstrip("'").startswith(("+", "00")) and clean.isdigit():
        return normalise_phone(f"+{clean}"), note
    region = None if reading.region == "+" else reading.region
    if DIGITS.match(clean) and not clean.startswith("0"):
        return _of_digits(clean, region, note)
    return normalise_phone(text, region), note


def _of_digits(digits: str, region: str | None, note: str) -> tuple[str, str]:
    """Digits without + and without a zero in front: with the country's own code if they begin with it, else noted."""
    own = _international(digits)
    if region is None:
        if own is None:
            raise BadAddressError(_("This is no phone number with a country code."))
        return own, note
    dialled = normalise_phone(digits, region)
    code = dialled.removesuffix(digits)
    if own is not None and len(digits) >= 11 and code.startswith("+") and digits.startswith(code[1:]):
        return own, note
    if own is not None and dialled != own:
        said = _("“%(text)s” was read as %(number)s: no country code is certain") % {"text": digits, "number": dialled}
        return dialled, "; ".join(filter(None, (note, said)))
    return dialled, note


def _international(digits: str) -> str | None:
    try:
        return normalise_phone(f"+{digits}")
    except BadAddressError:
        return None
