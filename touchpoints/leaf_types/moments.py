"""What the leaves about the ledger share: which moments of one kind a line looks at, and conditions on one moment.

Kind and time drive (an index holds them); columns and payload paths are tested behind. Facts count as they stand now:
corrected, and without what was deleted.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from django.utils.translation import gettext as _

from lib.sql import load_sql, run_text
from segments.leaf_types.base import STRICT, Path, QueryBuilder
from segments.rules.comparing import (
    NUMBER_OPS,
    SQL_OPS,
    TEXT_OPS,
    check_number,
    check_text,
    expect,
    is_number,
    text_sql,
)
from segments.rules.windows import Window, window_sql_of
from touchpoints.kind_names import find_code
from touchpoints.leaf_types.looking import Look
from touchpoints.models import Touchpoint

COLUMNS = {
    "value": "value_minor",
    "message": "message_id",
    "source": "source_id",
    "sentiment": "sentiment_milli",
    "channel": "channel",
    "direction": "direction",
}
DEEPEST_PATH, LONGEST_PATH, MOST_TESTS = 5, 120, 5
MOST_SEEN = 100


class Where(msgspec.Struct, **STRICT):
    """One condition on one moment: a column or a path into its payload, compared."""

    path: str
    op: str
    value: Any = None


class Moments(msgspec.Struct, **STRICT):
    """The moments of one kind, in a span of time, that pass every condition."""

    kind: str
    window: Window | None = None
    where: list[Where] = []
    certainty: Literal["human", "any"] = "human"

    def check(self, path: Path) -> None:
        """Refuse what no ledger can answer. RuleError."""
        expect(
            find_code(self.kind) is not None,
            path,
            _("There is no kind of touchpoint “%(kind)s”.") % {"kind": self.kind},
        )
        if self.window is not None:
            self.window.check(path)
        expect(len(self.where) <= MOST_TESTS, path, _("At most five conditions on one moment."))
        for test in self.where:
            check_path(test.path, path)
            check = check_number if is_number(test.value) else check_text
            check(test.op, test.value, path)

    def select(
        self, columns: str, query: QueryBuilder, *, also: str = "", since: datetime | None = None, reads: str = ""
    ) -> str:
        """SELECT of `columns` of t (the fact) and m (its link, if it was merged), for the people looked at.

        `also` is more for the WHERE, over t.occurred_at, that lets nothing before `since` through; `reads` the column
        or path that `columns` speak of, beside when and whose. For some people all lines look at the same moments.
        """
        tested = {COLUMNS.get(name, "payload") for name in (reads, *(test.path for test in self.where)) if name}
        if query.is_restricted and Look.holds(tested):
            start = self.window.bounds(query.now)[0] if self.window else None
            look = Look.of(query, self._code, max(filter(None, (since, start)), default=None))
            person = "CROSS JOIN LATERAL (SELECT t.survivor_id) AS m"
            return f"SELECT {columns} FROM {look} t {person} WHERE {self._which(query)}{also}"
        return self._select(columns, query, also)

    def select_when(self, columns: str, query: QueryBuilder, *, also: str = "", since: datetime | None = None) -> str:
        """The same of contact_id and occurred_at alone: an index is enough, where no condition asks for more."""
        if self.where or query.is_restricted:
            return self.select(columns, query, also=also, since=since)
        kind = query.param(self._code)
        span = window_sql_of(self.window, "t.occurred_at", query) + also
        corrected = query.step(load_sql("touchpoints/corrected_people", kind=kind, span=span))
        moments = load_sql(
            "touchpoints/moments_of_kind",
            which=self._owned(query) + also,
            corrected=corrected,
            facts=load_sql("touchpoints/facts"),
        )
        return _of_survivors(columns, moments, "TRUE")

    @property
    def _code(self) -> int:
        code = find_code(self.kind)
        if code is None:  # check() refuses it
            raise LookupError(self.kind)
        return code

    def _select(self, columns: str, query: QueryBuilder, also: str = "") -> str:
        return _of_survivors(columns, load_sql("touchpoints/facts"), self._owned(query) + also)

    def _owned(self, query: QueryBuilder) -> str:
        """Of this workspace, and of the people looked at."""
        return f"t.workspace_id = %(workspace)s AND {self._which(query)}{query.only('t.contact_id')}"

    def _which(self, query: QueryBuilder) -> str:
        certainty = f" AND t.certainty = {query.param(int(Touchpoint.Certainty.HUMAN))}"
        return (
            f"t.kind = {query.param(self._code)}"
            f"{window_sql_of(self.window, 't.occurred_at', query)}{certainty if self.certainty == 'human' else ''}"
            f"{''.join(f' AND {_where_sql(test, query)}' for test in self.where)}"
        )

    def newest(self, members: Sequence[int]) -> list[Any]:
        """When the last of these moments of one person were, newest first, one more than MOST_SEEN at most."""
        query = QueryBuilder(is_restricted=True)
        query.params["r_members"] = list(members)
        text = self._select("t.occurred_at", query) + f" ORDER BY t.occurred_at DESC LIMIT {MOST_SEEN + 1}"
        return [row[0] for row in run_text(text, query.params)]


def _of_survivors(columns: str, facts: str, which: str) -> str:
    return (
        f"SELECT {columns} FROM {facts} t LEFT JOIN contacts_merged m"
        f" ON m.workspace_id = %(workspace)s AND m.loser_id = t.contact_id WHERE {which}"
    )


SURVIVOR = "coalesce(m.survivor_id, t.contact_id) AS contact_id"


def check_path(name: str, path: Path) -> None:
    """Refuse a name that nothing recorded can have."""
    fits = 0 < len(name) <= LONGEST_PATH and len(name.split(".")) <= DEEPEST_PATH
    expect(fits, path, _("This needs the name of something that was recorded."))


def number_at(name: str, query: QueryBuilder) -> str:
    """A column or a path into the payload as a number, NULL where it is none."""
    if name in COLUMNS:
        return f"t.{COLUMNS[name]}::numeric"
    text = text_at(name, query)
    return rf"(CASE WHEN {text} ~ '^-?\d{{1,15}}(\.\d{{1,9}})?$' THEN ({text})::numeric END)"


def text_at(name: str, query: QueryBuilder) -> str:
    """A column or a path into the payload as text."""
    if name in COLUMNS:
        return f"t.{COLUMNS[name]}::text"
    return f"(t.payload #>> {query.param(name.split('.'))}::text[])"


def where_words(test: Where) -> str:
    """A condition as a person would say it."""
    value = test.value
    ops = NUMBER_OPS if is_number(value) else TEXT_OPS
    words = ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return f"{test.path} {ops[test.op]} {words}".strip()


def _where_sql(test: Where, query: QueryBuilder) -> str:
    if is_number(test.value):
        absent = "true" if test.op == "!=" else "false"
        number = number_at(test.path, query)
        return f"coalesce({number} {SQL_OPS[test.op]} {query.param(test.value)}, {absent})"
    text = f"coalesce({text_at(test.path, query)}, '')"
    if test.op in {"!=", "unset"}:
        return f"NOT ({text_sql(text, '=' if test.op == '!=' else 'set', test.value, query)})"
    return f"({text_sql(text, test.op, test.value, query)})"
