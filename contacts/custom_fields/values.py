"""Values of custom fields: what somebody wrote, read by the type that the field was declared with.

A number is kept with the digits that people write, a day with its first moment in the workspace's zone, yes and no as
these words, a choice as it stands among the choices. What does not fit is refused with a sentence, never bent.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from contacts.folding import fold, fold_case
from contacts.models import CustomType, FieldDefinition, FieldValue
from lib.clock import is_storable
from lib.foreign.cleaning import to_storable
from lib.local_words import date_format
from lib.times.month_names import read_moment
from workspaces.current import current_workspace

LONGEST_TEXT = FieldValue._meta.get_field("text").max_length or 0
LONGEST_SHOWN = 60
LAST_YEAR = 2200
MOST = 1e15  # beyond it a double no longer tells two whole numbers apart
PLAIN = re.compile(r"[+-]?\d{1,16}(\.\d{1,15})?\Z")
WITH_COMMA = re.compile(r"[+-]?\d{1,16},\d{1,15}\Z")
OF_THOUSANDS = re.compile(
    r"[+-]?(\d{1,3}(,\d{3})+\.\d{1,15}|\d{1,3}(\.\d{3})+,\d{1,15}|\d{1,3}(,\d{3}){2,}|\d{1,3}(\.\d{3}){2,})\Z"
)
LOSES_DIGITS = re.compile(r"\+\d|[+-]?0\d|[+-]?(?=(?:\D?\d){16})")
TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}\Z")
GERMAN_DAY = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})\Z")
BLANKS = str.maketrans("", "", " \u00a0\u202f'’")
YES = frozenset(["yes", "y", "true", "t", "1", "on", "ja", "j", "wahr", "x", "✓", "✔", "☑"])
NO = frozenset(["no", "n", "false", "f", "0", "off", "nein", "falsch", "-"])


@dataclass(frozen=True, slots=True)
class Written:
    """A value as it stood (`text`), and what it is as a number or moment where its field has that type."""

    text: str
    number: float | None = None
    moment: datetime | None = None


class BadValueError(ValueError):
    """A value that its field cannot hold; the text says why, and what would fit."""


def read_value(field: FieldDefinition, value: Any) -> Written | None:
    """What a person, a form or a machine gave, as the field holds it; None for nothing at all. BadValueError."""
    if value is None or (isinstance(value, str) and not to_storable(value)):
        return None
    if isinstance(value, Written):
        value = _untyped(value)
    return _READERS[CustomType(field.type)](field, value)


def read_text(value: Any) -> Written:
    """Any text that fits. BadValueError."""
    if isinstance(value, bool):
        return Written("yes" if value else "no")
    text = to_storable(number_text(value) if isinstance(value, int | float) else _said(value))
    if len(text) > LONGEST_TEXT:
        raise BadValueError(
            _("A value has at most %(n)s characters; this one has %(long)s.") % {"n": LONGEST_TEXT, "long": len(text)}
        )
    return Written(text)


def read_number(value: Any) -> Written:
    """A number of at most 15 digits. BadValueError for NaN, infinity and what is none."""
    if isinstance(value, str) and LOSES_DIGITS.match(value.translate(BLANKS)):
        raise BadValueError(_("“%(text)s” would lose digits as a number: keep it as text.") % {"text": _short(value)})
    number = _number_of(value)
    if number is None or not math.isfinite(number):
        raise BadValueError(_("“%(text)s” is no number.") % {"text": _short(value)})
    if abs(number) > MOST:
        raise BadValueError(_("“%(text)s” is too large: a number has at most 15 digits.") % {"text": _short(value)})
    return Written(number_text(number), number=number)


def read_day(value: Any) -> Written:
    """A day (2026-05-31, 31.5.2026), or a moment of a machine, of the years 1900 to 2200. BadValueError."""
    zone = ZoneInfo(current_workspace().zone)
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=zone)
        text = value.isoformat()
    else:
        day = value if isinstance(value, date) else _day_of(value)
        if isinstance(day, datetime):
            return read_day(day)
        moment, text = datetime(day.year, day.month, day.day, tzinfo=zone), day.isoformat()
    if not is_storable(moment) or moment.year > LAST_YEAR:  # that year begins before, seen from Greenwich
        raise BadValueError(_("“%(text)s” is not within the years 1900 to 2200.") % {"text": _short(value)})
    return Written(text, moment=moment.astimezone(UTC))


def read_yes_no(value: Any) -> Written:
    """Yes or no, by the words of English and German. BadValueError."""
    if isinstance(value, bool):
        return Written("yes" if value else "no")
    word = fold(number_text(value) if isinstance(value, int | float) else _said(value)).strip()
    if word in YES:
        return Written("yes")
    if word in NO:
        return Written("no")
    raise BadValueError(_("“%(text)s” is neither yes nor no.") % {"text": _short(value)})


def read_choice(field: FieldDefinition, value: Any, *, also_archived: bool = False) -> Written:
    """One of the choices, whatever its case. BadValueError, which names some of them."""
    word = fold_case(
        number_text(value) if isinstance(value, int | float) and not isinstance(value, bool) else _said(value)
    )
    choices = field.known_choices if also_archived else field.offered
    found = next((one for one in choices if fold_case(one) == word.strip()), None)
    if found is not None:
        return Written(found)
    if any(fold_case(one) == word.strip() for one in field.known_choices):
        raise BadValueError(_("“%(text)s” is archived: choose another.") % {"text": _short(value)})
    some = ", ".join(choices[:6]) + ("…" if len(choices) > 6 else "")
    raise BadValueError(_("“%(text)s” is none of the choices: %(choices)s.") % {"text": _short(value), "choices": some})


def shown_value(field: FieldDefinition, text: str, number: float | None, moment: datetime | None) -> str:
    """A held value as people read it; one that does not fit its type yet is read as it stands."""
    match field.type:
        case CustomType.DATE if moment is not None:
            return date_format(moment.astimezone(ZoneInfo(current_workspace().zone)), "j M Y")
        case CustomType.YES_NO if text in {"yes", "no"}:
            return _("yes") if text == "yes" else _("no")
    return held_text(text, number, moment)


def held_text(text: str, number: float | None, moment: datetime | None) -> str:
    """A held value as a text, whatever column it stands in."""
    if text or (number is None and moment is None):
        return text
    return number_text(number) if number is not None else date_format(moment, "Y-m-d") if moment else ""


def number_text(value: float) -> str:
    """A number as people write it: all its digits, no exponent, no needless ".0"."""
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


def _untyped(value: Written) -> Any:
    """A value of a file or a row, as what it is."""
    if value.number is not None:
        return value.number
    return value.moment if value.moment is not None and not value.text else value.text


def _number_of(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    text = _said(value).translate(BLANKS)
    if TWO_WAYS.match(text):
        raise BadValueError(
            _("“%(text)s” can be read in two ways: write it without a separator of thousands.") % {"text": text}
        )
    if WITH_COMMA.match(text):
        text = text.replace(",", ".")
    elif OF_THOUSANDS.match(text):
        decimal = max(text.rfind(","), text.rfind("."))
        is_whole = text.count(text[decimal]) > 1
        text = (
            "".join(one for one in text if one not in ",.")
            if is_whole
            else ("".join(one for one in text[:decimal] if one not in ",.") + "." + text[decimal + 1 :])
        )
    return float(text) if PLAIN.match(text) and text.isascii() else None


def _day_of(value: Any) -> date:
    text = _said(value)
    try:
        if day := GERMAN_DAY.match(text):
            return date(int(day[3]), int(day[2]), int(day[1]))
        if len(text) == 10:
            return date.fromisoformat(text)
        if len(text) > 10 and text[4] == "-":
            return datetime.fromisoformat(text)
        if (moment := read_moment(text, ZoneInfo(current_workspace().zone))) is not None:
            return moment
    except (ValueError, OverflowError):
        pass
    raise BadValueError(_("“%(text)s” is no date, such as 2026-05-31 or 31.5.2026.") % {"text": _short(value)})


def _said(value: Any) -> str:
    return to_storable(str(value))


def _short(value: Any) -> str:
    text = _said(value)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


_READERS: dict[CustomType, Callable[[FieldDefinition, Any], Written]] = {
    CustomType.TEXT: lambda _field, value: read_text(value),
    CustomType.NUMBER: lambda _field, value: read_number(value),
    CustomType.DATE: lambda _field, value: read_day(value),
    CustomType.YES_NO: lambda _field, value: read_yes_no(value),
    CustomType.CHOICE: read_choice,
}
