"""Did something so often, or for so much, in a span of time.

{"did": {"kind": "purchase", "count": {"op": ">=", "n": 3}, "window": {"last_days": 60}, "where": [{path, op, value}]}}
{"did": {"kind": "purchase", "sum": {"path": "value", "op": ">", "value": 5000}}}

Only what people did counts, unless "certainty" is "any".
"""

import operator
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.rules.comparing import NUMBER_OPS, SQL_OPS, check_number, expect
from segments.rules.windows import window_words_of
from touchpoints.kind_names import icon_of, kind_choices, name_of
from touchpoints.kinds import KINDS
from touchpoints.leaf_types.did_words import DidWords
from touchpoints.leaf_types.moments import MOST_SEEN, SURVIVOR, Moments, check_path, number_at, text_at, where_words

MEASURE_WORDS = {
    "sum": gettext_lazy("total of"),
    "min": gettext_lazy("smallest"),
    "max": gettext_lazy("largest"),
    "distinct": gettext_lazy("different"),
}
COUNT_WORDS = {
    ">=": gettext_lazy("at least"),
    ">": gettext_lazy("more than"),
    "<": gettext_lazy("fewer than"),
    "<=": gettext_lazy("at most"),
    "=": gettext_lazy("exactly"),
    "!=": gettext_lazy("not exactly"),
}
COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Count(msgspec.Struct, **STRICT):
    """How often."""

    op: str
    n: int | float


class Aim(msgspec.Struct, **STRICT):
    """A measure of something recorded, compared."""

    path: str
    op: str
    value: int | float


AT_LEAST_ONCE = Count(op=">=", n=1)


class DidForm(LeafForm):
    """Did something so often, or for so much, in a span of time."""

    kind = forms.ChoiceField(label=gettext_lazy("What"))
    measure = forms.ChoiceField(
        label=gettext_lazy("Measured by"),
        choices=[("count", gettext_lazy("how often")), ("sum", gettext_lazy("for how much in total, in cents"))],
    )
    op = forms.ChoiceField(label=gettext_lazy("How"), choices=list(COUNT_WORDS.items()))
    number = forms.IntegerField(label=gettext_lazy("Number"), min_value=0, max_value=10**12, initial=1)
    days = forms.IntegerField(
        label=gettext_lazy("In the last days"),
        min_value=1,
        max_value=36_500,
        required=False,
        help_text=gettext_lazy("Empty: ever."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kind_choices()  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, argument: Any) -> dict[str, Any]:
        measure = "sum" if "sum" in argument else "count"
        aim = argument.get(measure, {"op": ">=", "n": 1})
        days = (argument.get("window") or {}).get("last_days")
        return {
            "kind": argument["kind"],
            "measure": measure,
            "op": aim["op"],
            "number": aim.get("n", aim.get("value")),
            "days": days,
        }

    def argument(self) -> Any:
        facts = self.cleaned_data
        made: dict[str, Any] = {"kind": facts["kind"]}
        if facts["measure"] == "sum":
            made["sum"] = {"path": "value", "op": facts["op"], "value": facts["number"]}
        else:
            made["count"] = {"op": facts["op"], "n": facts["number"]}
        if facts["days"]:
            made["window"] = {"last_days": facts["days"]}
        return made


class DidLeaf(LeafType):
    """The measure of some moments, compared."""

    type = "did"
    label = gettext_lazy("did something, so often")
    order = 40
    form = DidForm
    reads = frozenset({"touchpoint"})
    words = DidWords()

    class Argument(Moments, **STRICT):
        """Which moments, and one measure of them; none is "at least once"."""

        count: Count | None = None
        sum: Aim | None = None
        min: Aim | None = None
        max: Aim | None = None
        distinct: Aim | None = None

        @property
        def measure(self) -> tuple[str, Aim] | None:
            """What is measured other than how often."""
            found = ((name, getattr(self, name)) for name in MEASURE_WORDS)
            return next(((name, aim) for name, aim in found if aim is not None), None)

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        argument.check(path)
        aims = [aim for name in MEASURE_WORDS if (aim := getattr(argument, name)) is not None]
        expect(len(aims) + (argument.count is not None) <= 1, path, _("One line measures one thing."))
        for aim in aims:
            check_path(aim.path, path)
            check_number(aim.op, aim.value, path)
        if (count := argument.count) is not None:
            check_number(count.op, count.n, path)
            expect(float(count.n).is_integer() and count.n >= 0, path, _("This needs a whole number."))

    @classmethod
    def usual(cls) -> Iterable[Any]:
        spans: list[dict[str, Any]] = [{}, {"window": {"last_days": 30}}, {"window": {"last_days": 90}}]
        return [{"kind": kind} | span for kind in KINDS for span in spans]

    def condition(self, query: QueryBuilder) -> str:
        """People for whom the measure compares as asked. Where "never" compares too, everybody but those who do not."""
        never_fits, measure = False, self.argument.measure
        if measure:
            name, aim = measure
            measured = _measure_sql(name, aim.path, query)
            test = f"{measured} {SQL_OPS[aim.op]} {query.param(aim.value)}"
        else:
            count = self.argument.count or AT_LEAST_ONCE
            test = f"count(*) {SQL_OPS[count.op]} {query.param(count.n)}"
            never_fits = COMPARE[count.op](0, count.n)
        having = f"NOT ({test})" if never_fits else test
        said = self.argument
        moments = said.select(SURVIVOR, query, reads=measure[1].path) if measure else said.select_when(SURVIVOR, query)
        inside = query.people(f"{moments} GROUP BY 1 HAVING {having}")
        return f"(NOT {inside})" if never_fits else inside

    def phrase(self) -> Phrase:
        said = self.argument
        icon, name = icon_of(said.kind), name_of(said.kind)
        tests = _(" and ").join(where_words(test) for test in said.where)
        span = window_words_of(said.window)
        tail = f"{span}, {tests}" if tests else span
        if said.measure:
            measure, aim = said.measure
            return Phrase(
                name, f"{MEASURE_WORDS[measure]} {aim.path} {NUMBER_OPS[aim.op]}", f"{aim.value} {tail}", icon
            )
        count = said.count or AT_LEAST_ONCE
        if (count.op, count.n) in {("=", 0), ("<", 1), ("<=", 0)}:
            return Phrase(name, _("not"), tail, icon)
        times = ngettext("once", "%(n)s times", int(count.n)) % {"n": int(count.n)}
        return Phrase(name, COUNT_WORDS[count.op], f"{times} {tail}", icon)

    def evidence(self, members: Sequence[int]) -> Evidence | None:
        moments = self.argument.newest(members)
        if not moments:
            return Evidence(_("never in this time"))
        times = ngettext("once", "%(n)s times", len(moments)) % {"n": len(moments)}
        return Evidence(_("more than 100 times") if len(moments) > MOST_SEEN else times, moments[0])

    def moves_with_time(self) -> bool:
        return self.argument.window is not None and self.argument.window.moves_with_time


def _measure_sql(name: str, path: str, query: QueryBuilder) -> str:
    if name == "distinct":
        return f"count(DISTINCT {text_at(path, query)})"
    return f"{name}({number_at(path, query)})"
