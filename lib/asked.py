"""Reading what an address or a form asks for, by shape: what does not fit is None, never an error.

`int` reads twenty digits that no column holds, and a date of the year 1 cannot be read back in another zone.
"""

import math
import uuid
from datetime import datetime
from typing import Any

from lib.clock import is_storable

LARGEST = 2**63 - 1  # PostgreSQL's bigint


def whole_number(text: object, *, largest: int = LARGEST) -> int | None:
    """The number of 0 … `largest` written in ASCII digits, or None. "²" is a digit to str.isdigit, but no number."""
    said = str(text).strip()
    if not (said.isascii() and said.isdigit() and len(said) <= 20):
        return None
    number = int(said)
    return number if number <= largest else None


def a_whole(value: Any) -> int | None:
    """The value, if it is a whole number that a bigint holds."""
    return value if type(value) is int and abs(value) <= LARGEST else None


def a_number(value: Any) -> float | None:
    """The value, if it is a finite number or the text of one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def a_text(value: Any) -> str | None:
    """The value, if it is a text that can be stored."""
    return value if isinstance(value, str) and "\0" not in value else None


def a_moment(value: Any) -> datetime | None:
    """The moment in ISO 8601, with its zone, of the years 1900 to 2200."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None and is_storable(moment) else None


def an_id(value: Any) -> uuid.UUID | None:
    """The UUID."""
    try:
        return uuid.UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
