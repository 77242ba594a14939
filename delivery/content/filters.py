"""Filters of our own, and checks before those of the library: what they take must be what they are made for.

They raise ValueError; the template language says which email or person it is about.
"""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from django.utils.translation import gettext as _

WEB = ("http://", "https://", "mailto:", "tel:")
COUNTING = (
    "abs", "at_most", "at_least", "ceil", "divided_by", "floor", "minus", "plus", "round", "times", "modulo",
)  # fmt: skip
WIDE_DATE = re.compile(r"%[-_0^#+]*\d")
DOTTED_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
UNCLEAR_DAY = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
Filter = Any


def narrow(filter_: Filter, check: Callable[..., None]) -> Filter:
    """The filter behind a check of its arguments."""

    def narrowed(*args: Any, **kwargs: Any) -> Any:
        check(*args)
        return filter_(*args, **kwargs)

    narrowed.with_context = getattr(filter_, "with_context", False)  # type: ignore[attr-defined]
    narrowed.with_environment = getattr(filter_, "with_environment", False)  # type: ignore[attr-defined]
    return narrowed


def dated(filter_: Filter) -> Filter:
    """`date` without field widths (%9999999d would fill the memory), of a person's moment, and of days as written.

    5.1.2024 is the fifth of January; 5/1/2024 may be either, so it stays as it is.
    """

    def date(value: Any, fmt: object, **kwargs: Any) -> Any:
        if WIDE_DATE.search(str(fmt)) or len(str(fmt)) > 100:
            raise ValueError("a date format holds no numbers")
        if (moment := getattr(value, "moment", None)) is not None:
            return filter_(moment, fmt, **kwargs)
        if isinstance(value, str):
            if day := DOTTED_DAY.match(value):
                value = f"{day[3]}-{day[2]:0>2}-{day[1]:0>2}{value[day.end() :]}"
            elif UNCLEAR_DAY.match(value):
                return value
        return filter_(value, fmt, **kwargs)

    date.with_environment = True  # type: ignore[attr-defined]
    return date


def check_numbers(*values: object) -> None:
    """Who counts needs numbers: the library takes any other text for zero."""
    for value in values:
        if isinstance(value, str):
            try:
                float(value)
            except ValueError as error:
                raise ValueError(_("it counts with “%(word)s”, which is no number") % {"word": value[:40]}) from error


def web_address(value: object, link: object = "") -> object:
    """A link's target that came of a field or a condition: on the web, or ValueError that names the link."""
    if not unescape(str(value)).strip().lower().startswith(WEB):
        raise ValueError(_("the link “%(link)s” holds no web address (https://…)") % {"link": link})
    return value


def without_tags(value: object) -> str:
    """A text without its HTML tags, in one pass: a regular expression would look at a row of "<" again and again."""
    out, depth = [], 0
    for part in re.split("([<>])", str(value)):
        if part == "<":
            depth = 1
        elif part == ">":
            out.append("" if depth else ">")
            depth = 0
        elif not depth:
            out.append(part)
    return "".join(out)
