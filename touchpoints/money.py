"""Money as people and programs write it."""

import re
from decimal import Decimal
from typing import Any

MOST_MINOR = 10**15
UNIT = r"(?:[$€£¥₹₽₩₺₫₴₦₱฿]|[^\W\d_]{1,3}\.?)?"  # "€", "EUR", "kr."
AMOUNT = re.compile(rf"(\(|[-+]?){UNIT}\s*([-+]?)([\d.,'’\s\u00a0\u202f]+?)\s*{UNIT}(\)?)\Z")
GROUPED = re.compile(r"[\s'’_\u00a0\u202f]")
PLAIN = re.compile(r"\d{1,18}(\.\d{1,18})?\Z|\.\d{1,18}\Z")
LONGEST = 40


def read_minor(value: Any, *, decimal_comma: bool = False) -> int | None:
    """An amount in hundredths, or None for what is no amount: 11.77, "1,234.56", "1.234,56 €", "(5.00)"."""
    return _read(value, 100, decimal_comma=decimal_comma)


def read_milli(value: Any, *, decimal_comma: bool = False) -> int | None:
    """A number in thousandths, read as an amount is; None for what is none."""
    return _read(value, 1000, decimal_comma=decimal_comma)


def _read(value: Any, parts_of_one: int, *, decimal_comma: bool) -> int | None:
    """A number in hundredths or thousandths.

    The last of "." and "," is the decimal sign; one comma before exactly three digits parts thousands, and so does a
    sign that repeats ("1.234.567"; "1.2.3" is no amount). `decimal_comma`: the source writes 1.234,56, so there a point
    before exactly three digits parts thousands and a comma does not. Length and digits are looked at before any arithmetic: a
    few letters can name a number of a million digits.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if not isinstance(value, str) and not abs(value) <= MOST_MINOR:
        return None
    text = f"{value:.4f}" if isinstance(value, float) else str(value).strip()
    parts = AMOUNT.match(text) if len(text) <= LONGEST else None
    digits = _plain(GROUPED.sub("", parts[3]), "." if decimal_comma else ",") if parts else ""
    if parts is None or not PLAIN.match(digits) or (parts[1] == "(") != bool(parts[4]):
        return None
    minor = int((Decimal(digits) * parts_of_one).to_integral_value())
    if parts[1] and parts[2]:
        return None
    is_negative = "-" in parts[2] or parts[1] in {"-", "("}
    return None if minor > MOST_MINOR else -minor if is_negative else minor


def _plain(text: str, thousands: str) -> str:
    """With "." as the only sign in it; `thousands` parts them where the number itself does not tell."""
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return text
    sign, other = text[last], "," if text[last] == "." else "."
    whole, part = text[:last], text[last + 1 :]
    if sign in whole and len(part) != 3:
        return ""
    if sign in whole or (sign == thousands and other not in whole and len(part) == 3):
        return text.replace(sign, "").replace(other, "." if sign in whole and other in whole else "")
    return f"{whole.replace(other, '')}.{part}"
