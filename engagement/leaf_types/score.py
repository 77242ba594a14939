"""{"score": {"name": "involvement", "op": ">=", "value": 40}}: one of the four I's, or "overall", against a number.

People nobody has scored yet are in none of them: unknown is not low.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import formula
from engagement.four import BY_NAME, FOUR
from engagement.modelling import current_model
from engagement.reading import shown_for
from segments.comparing import NUMBER_OPS, SQL_OPS, check_number, expect
from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder

OVERALL = "overall"
LABELS: dict[str, Any] = {**{one.name: one.label for one in FOUR}, OVERALL: gettext_lazy("Overall score")}


class ScoreForm(LeafForm):
    """A score and a number."""

    name = forms.ChoiceField(label=gettext_lazy("Score"), choices=list(LABELS.items()))
    op = forms.ChoiceField(label=gettext_lazy("How"), choices=list(NUMBER_OPS.items()), initial=">=")
    value = forms.FloatField(label=gettext_lazy("Points"), min_value=-100, max_value=100, initial=40)


class ScoreLeaf(LeafType):
    """A shown score compared with a number; it fades, so time alone can flip it."""

    type = "score"
    label = gettext_lazy("has a score")
    order = 60
    icon = "activity"
    form = ScoreForm
    reads = frozenset({"score", "role"})

    class Argument(msgspec.Struct, **STRICT):
        """Which score, how, against what."""

        name: str
        op: str
        value: float | int

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        names = ", ".join(LABELS)
        expect(argument.name in LABELS, path, _("The score is one of: %(names)s.") % {"names": names})
        check_number(argument.op, argument.value, path)

    def condition(self, query: QueryBuilder) -> str:
        value = formula.shown_sql(self.argument.name, current_model(), query.now, query.param)
        return query.people(
            f"SELECT s.contact_id FROM engagement_score s WHERE s.workspace_id = %(workspace)s"
            f"{query.only('s.contact_id')} AND {value} {SQL_OPS[self.argument.op]} {query.param(self.argument.value)}"
        )

    def phrase(self) -> Phrase:
        four = BY_NAME.get(self.argument.name)
        name, value = str(LABELS[self.argument.name]).lower(), f"{self.argument.value:g}"
        return Phrase(name, NUMBER_OPS[self.argument.op], value, self.icon, four.name if four else "")

    def evidence(self, members: Sequence[int]) -> Evidence | None:
        shown = next(iter(shown_for(members).values()), None)
        return Evidence(f"{getattr(shown, self.argument.name):.0f}" if shown else _("unknown"))

    def moves_with_time(self) -> bool:
        return True
