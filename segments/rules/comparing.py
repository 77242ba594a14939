"""Comparisons that leaves share: operators, their plain words, their SQL. Windows of time: segments/rules/windows.py."""

import math
import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.folding import fold_case, folded
from lib.clock import is_storable
from lib.local_words import date_format
from segments.leaf_types.base import Path, QueryBuilder, RuleError
from workspaces.current import current_workspace

NUMBER_OPS = {
    "=": gettext_lazy("is"),
    "!=": gettext_lazy("is not"),
    "<": gettext_lazy("is below"),
    "<=": gettext_lazy("is at most"),
    ">": gettext_lazy("is above"),
    ">=": gettext_lazy("is at least"),
}
TEXT_OPS = {
    "=": gettext_lazy("is"),
    "!=": gettext_lazy("is not"),
    "contains": gettext_lazy("contains"),
    "starts": gettext_lazy("begins with"),
    "in": gettext_lazy("is one of"),
    "set": gettext_lazy("is known"),
    "unset": gettext_lazy("is not known"),
}
MOMENT_OPS = {
    "=": gettext_lazy("is"),
    "!=": gettext_lazy("is not"),
    "before": gettext_lazy("before"),
    "after": gettext_lazy("on or after"),
    "last_days": gettext_lazy("in the last days:"),
    "set": gettext_lazy("is known"),
    "unset": gettext_lazy("is not known"),
}
OPPOSITES = {"!=": "=", "unset": "set"}
SQL_OPS = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
MOST_DAYS = 36_500
DAY = re.compile(r"\s*\d{4}-\d{1,2}-\d{1,2}\s*")
AFTER_EVERYTHING = "\U0010ffff"


def expect(holds: bool, path: Path, text: str) -> None:
    """Refuse a rule's line unless `holds`."""
    if not holds:
        raise RuleError(path, text)


def check_number(op: Any, value: Any, path: Path) -> None:
    """Refuse what is no comparison with a number."""
    expect(op in NUMBER_OPS, path, _("“%(op)s” compares no numbers.") % {"op": op})
    expect(is_number(value), path, _("This needs a number."))


def check_text(op: Any, value: Any, path: Path) -> None:
    """Refuse what is no comparison of text."""
    expect(op in TEXT_OPS, path, _("“%(op)s” compares no text.") % {"op": op})
    if op == "in":
        fits = isinstance(value, list) and bool(value) and all(isinstance(one, str) and one for one in value)
        expect(fits, path, _("This needs a list of words."))
    elif op not in {"set", "unset"}:
        expect(isinstance(value, str) and value != "" and len(value) <= 500, path, _("This needs a text."))


def check_moment(op: Any, value: Any, path: Path) -> None:
    """Refuse what is no comparison of moments."""
    expect(op in MOMENT_OPS, path, _("“%(op)s” compares no dates.") % {"op": op})
    if op == "last_days":
        check_days(value, path)
    elif op not in {"set", "unset"}:
        expect(to_moment(value) is not None, path, _("This needs a date such as 2026-03-31."))


def check_days(value: Any, path: Path) -> None:
    """Refuse what is no sensible number of days."""
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_DAYS
    expect(fits, path, _("This needs a number of days."))


def day_words(value: str) -> str:
    """A date of a rule, readable."""
    moment = to_moment(value)
    return date_format(moment, "j M Y") if moment else str(value)


def text_sql(column: str, op: str, value: Any, query: QueryBuilder) -> str:
    """A condition on a text that is never NULL and has no folded twin: codes, what events tell. Case is ignored."""
    if op == "set":
        return f"{column} <> ''"
    if op == "in":
        return f"lower({column}) IN (SELECT lower(one) FROM unnest({query.param(value)}::text[]) AS said (one))"
    if op == "=":
        return f"lower({column}) = lower({query.param(value)})"
    return f"lower({column}) LIKE lower({query.param(_pattern(op, value))})"


def folded_sql(column: str, op: str, value: Any, query: QueryBuilder, *, length: int) -> str:
    """The same on a folded column of this length (contacts/folding.py): an index can serve all but "contains"."""
    if op == "set":
        return f"{column} <> ''"
    if op == "in":
        return f"{column} = ANY({query.param([folded(one, length) for one in value])})"
    if op == "=":
        return f"{column} = {query.param(folded(value, length))}"
    if op == "starts":
        start = fold_case(value).lstrip()[:length]
        return f"({column} >= {query.param(start)} AND {column} < {query.param(start + AFTER_EVERYTHING)})"
    return f"{column} LIKE {query.param(_pattern(op, fold_case(value)))}"


def moment_sql(column: str, op: str, value: Any, query: QueryBuilder) -> str:
    """A condition on a moment that may be NULL (NULL fits nothing). A day is all of its moments."""
    if op == "set":
        return f"{column} IS NOT NULL"
    if op == "last_days":
        start = query.param(query.now - timedelta(days=value))
        return f"coalesce({column} >= {start} AND {column} <= %(r_now)s, false)"
    first, end = span_of(value) or (query.now, query.now)
    if op == "=":
        return f"coalesce({column} >= {query.param(first)} AND {column} < {query.param(end)}, false)"
    sign, edge = {
        "before": ("<", first), "<": ("<", first), "<=": ("<", end),
        "after": (">=", first), ">=": (">=", first), ">": (">=", end),
    }[op]  # fmt: skip
    return f"coalesce({column} {sign} {query.param(edge)}, false)"


def span_of(value: Any) -> tuple[datetime, datetime] | None:
    """[from, until) of a date in a rule: the whole day by the workspace's clocks, of a moment its minute."""
    start = to_moment(value)
    if start is None:
        return None
    if not DAY.fullmatch(value):
        return start, start + timedelta(minutes=1)
    return start, start + timedelta(days=1)  # wall time: the day of a clock change has 23 or 25 hours


def _pattern(op: str, value: str) -> str:
    text = value.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"{text}%" if op == "starts" else f"%{text}%"


def to_moment(value: Any) -> datetime | None:
    """A moment from ISO text, of the years 1900 to 2200; a day alone begins at midnight of the workspace's zone."""
    if not isinstance(value, str):
        return None
    zone = ZoneInfo(current_workspace().zone)
    try:
        day = parse_date(value)
        moment = datetime(day.year, day.month, day.day, tzinfo=zone) if day else parse_datetime(value)
    except ValueError:
        return None
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment if moment is not None and is_storable(moment) else None


def is_number(value: Any) -> bool:
    """Whether this is a number that a rule may hold."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
