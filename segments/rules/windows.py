"""Spans of time in a leaf: {last_days: n} | {between: [a, b]} | {before: t} | {after: t}."""

from datetime import datetime, timedelta

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from segments.leaf_types.base import STRICT, Path, QueryBuilder
from segments.rules.comparing import check_days, day_words, expect, span_of, to_moment


class Window(msgspec.Struct, **STRICT):
    """One of the four; as the type of a field of an `Argument` it is read from JSON. Call `check` after reading."""

    last_days: int | None = None
    between: tuple[str, str] | None = None
    before: str | None = None
    after: str | None = None

    def check(self, path: Path) -> None:
        """Refuse a window that is not exactly one span, or names no day. RuleError."""
        said = [one for one in (self.last_days, self.between, self.before, self.after) if one is not None]
        expect(len(said) == 1, path, _("This needs one span of time."))
        if self.last_days is not None:
            check_days(self.last_days, path)
        if self.between is not None:
            expect(all(to_moment(one) is not None for one in self.between), path, _("This needs two dates."))
        for one in (self.before, self.after):
            expect(one is None or to_moment(one) is not None, path, _("This needs a date such as 2026-03-31."))

    def bounds(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """[from, until); None is open. The last day of `between` belongs to it, as its words say."""
        if self.last_days is not None:
            return now - timedelta(days=self.last_days), None
        if self.between is not None:
            last = span_of(self.between[1])
            return to_moment(self.between[0]), last and last[1]
        return to_moment(self.after), to_moment(self.before)

    def sql(self, column: str, query: QueryBuilder) -> str:
        """` AND column >= … AND column < …` with the bounds as parameters: computed ones keep partitions out."""
        start, end = self.bounds(query.now)
        text = f" AND {column} >= {query.param(start)}" if start else ""
        return text + (f" AND {column} < {query.param(end)}" if end else "")

    def words(self) -> str:
        """The span as a person would say it."""
        if self.last_days is not None:
            return ngettext("in the last day", "in the last %(n)s days", self.last_days) % {"n": self.last_days}
        if self.between is not None:
            return _("from %(a)s to %(b)s") % {"a": day_words(self.between[0]), "b": day_words(self.between[1])}
        if self.before is not None:
            return _("before %(a)s") % {"a": day_words(self.before)}
        return _("since %(a)s") % {"a": day_words(self.after or "")}

    @property
    def moves_with_time(self) -> bool:
        """Whether the span moves on by itself."""
        return self.last_days is not None


def window_words_of(window: Window | None) -> str:
    """The span in words; none is "ever"."""
    return window.words() if window else _("ever")


def window_sql_of(window: Window | None, column: str, query: QueryBuilder) -> str:
    """The condition on a column; none asks nothing."""
    return window.sql(column, query) if window else ""
