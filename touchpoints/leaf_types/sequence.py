"""Did these things in this order, the last within so many days of the first.

{"sequence": {"steps": [{"kind": "form"}, {"kind": "purchase", "where": [{path, op, value}]}], "within_days": 30}}

Two to four steps. Facts of the person and of everybody merged into them count. Each step comes strictly after the one
before it, so one fact is never two steps; other facts may lie between. The last step is at most `within_days` days of 24
hours after the first. Any such chain counts, however long ago. A step asks of its fact what a `did` line asks (kind,
conditions, certainty: only what people did counts, unless it is "any"), without a count and a span of its own.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lib.sql import load_sql
from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.rules.comparing import check_days, expect
from touchpoints.kind_names import icon_of, kind_choices, name_of
from touchpoints.leaf_types.moments import SURVIVOR, Moments, Where, where_words
from touchpoints.leaf_types.sequence_words import SequenceWords

FEWEST, MOST = 2, 4  # steps
USUAL = (
    ("visit", "signed_up"),
    ("visit", "purchase"),
    ("page", "form"),
    ("page", "purchase"),
    ("ad_click", "form"),
    ("ad_click", "purchase"),
    ("opened", "clicked"),
    ("opened", "purchase"),
    ("clicked", "form"),
    ("clicked", "purchase"),
    ("opened", "clicked", "purchase"),
    ("form", "purchase"),
    ("event_visit", "purchase"),
    ("purchase", "purchase"),
    ("purchase", "refund"),
    ("purchase", "review"),
    ("purchase", "complaint"),
    ("complaint", "purchase"),
)


class Step(msgspec.Struct, **STRICT):
    """A fact of one kind that passes every condition, as in a `did` line."""

    kind: str
    where: list[Where] = []
    certainty: Literal["human", "any"] = "human"

    @property
    def moments(self) -> Moments:
        """All moments that can be this step."""
        return Moments(self.kind, where=self.where, certainty=self.certainty)


class SequenceForm(LeafForm):
    """Did two to four things one after the other."""

    first = forms.ChoiceField(label=gettext_lazy("First"))
    second = forms.ChoiceField(label=gettext_lazy("Then"))
    third = forms.ChoiceField(label=gettext_lazy("Then"), required=False)
    fourth = forms.ChoiceField(label=gettext_lazy("Then"), required=False)
    days = forms.IntegerField(
        label=gettext_lazy("Days from first to last, at most"), min_value=1, max_value=36_500, initial=30
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = kind_choices()
        for name in ("first", "second", "third", "fourth"):
            field: Any = self.fields[name]
            field.choices = kinds if field.required else [("", _("nothing more")), *kinds]

    @classmethod
    def initial_of(cls, argument: Any) -> dict[str, Any]:
        kinds = [step["kind"] for step in argument["steps"]]
        names = ("first", "second", "third", "fourth")
        return dict(zip(names, [*kinds, "", ""], strict=False)) | {"days": argument["within_days"]}

    def argument(self) -> Any:
        facts = self.cleaned_data
        kinds = [facts[name] for name in ("first", "second", "third", "fourth") if facts[name]]
        return {"steps": [{"kind": kind} for kind in kinds], "within_days": facts["days"]}


class SequenceLeaf(LeafType):
    """A chain of moments of different kinds, one after the other."""

    type = "sequence"
    label = gettext_lazy("did things one after the other")
    order = 47
    form = SequenceForm
    reads = frozenset({"touchpoint"})
    words = SequenceWords()

    class Argument(msgspec.Struct, **STRICT):
        """The steps in their order; days of 24 hours from the first to the last."""

        steps: list[Step]
        within_days: int

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        expect(FEWEST <= len(argument.steps) <= MOST, path, _("A sequence has two to four steps."))
        for step in argument.steps:
            step.moments.check(path)
        check_days(argument.within_days, path)

    @classmethod
    def usual(cls) -> Iterable[Any]:
        return [
            {"steps": [{"kind": kind} for kind in kinds], "within_days": days} for kinds in USUAL for days in (7, 30)
        ]

    def condition(self, query: QueryBuilder) -> str:
        """People with a chain of all steps. Every kind is read from its index, each person's moments are walked once."""
        chains, whole = self._chains(query), len(self.argument.steps)
        return query.people(
            f"SELECT contact_id FROM ({chains}) AS chains WHERE {self._is_short(whole, query)} GROUP BY 1"
        )

    def phrase(self) -> Phrase:
        steps, within = self.argument.steps, self.argument.within_days
        names = _(", then ").join(name_of(step.kind) for step in steps)
        days = ngettext("1 day of the first", "%(n)s days of the first", within) % {"n": within}
        tests = [
            _("step %(n)s: %(tests)s") % {"n": number, "tests": _(" and ").join(where_words(one) for one in step.where)}
            for number, step in enumerate(steps, 1)
            if step.where
        ]
        return Phrase(names, _("within"), "; ".join([days, *tests]), icon_of(steps[0].kind))

    def evidence(self, members: Sequence[int]) -> Evidence | None:
        """How far the longest chain came that is short enough, and when its last step was."""
        query, whole = QueryBuilder.about(members), len(self.argument.steps)
        chains = self._chains(query)
        newest = ", ".join(
            f"max(occurred_at) FILTER (WHERE {self._is_short(step, query)}) AS step_{step}"
            for step in range(1, whole + 1)
        )
        (found,) = query.rows(f"{query.steps()}SELECT {newest} FROM ({chains}) AS chains")
        came = max((step for step in range(1, whole + 1) if found[f"step_{step}"]), default=0)
        if not came:
            return Evidence(_("not even the first step"), holds=False)
        text = _("%(n)s of %(all)s steps") % {"n": came, "all": whole} if came < whole else _("all steps")
        return Evidence(text, found[f"step_{came}"], came == whole)

    def _chains(self, query: QueryBuilder) -> str:
        """SELECT of contact_id, occurred_at and, for each step, as started_N: where the shortest chain up to this moment
        as that step began, or NULL.
        """
        kinds: list[Step] = []
        for step in self.argument.steps:
            if step not in kinds:
                kinds.append(step)
        numbers = [f"{query.param(number)}::int" for number in range(len(kinds))]
        moments = " UNION ALL ".join(
            step.moments.select_when(f"{SURVIVOR}, t.occurred_at, {number} AS which", query)
            for number, step in zip(numbers, kinds, strict=True)
        )
        first, *others = [numbers[kinds.index(step)] for step in self.argument.steps]
        chains = load_sql("touchpoints/sequence_begin", moments=moments, which=first)
        for before, which in enumerate(others, 1):
            names = {"before": f"started_{before}", "started": f"started_{before + 1}"}
            chains = load_sql("touchpoints/sequence_link", chains=chains, which=which, **names)
        return chains

    def _is_short(self, step: int, query: QueryBuilder) -> str:
        """Whether a chain up to a moment as this step took no longer than it may; NULL where there is none."""
        days = query.param(self.argument.within_days)
        return f"occurred_at - started_{step} <= {days}::int * interval '24 hours'"
