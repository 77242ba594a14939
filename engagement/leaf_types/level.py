"""{"level": {"op": ">=", "value": 4}}: the announced relationship level, 1 dormant … 6 champion.

It changes when it is announced, by news, so time alone never flips the line.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.levels import KNOWN, Level
from engagement.reading import shown_for
from lib.local_words import in_sentence
from segments.comparing import NUMBER_OPS, SQL_OPS, check_number, expect
from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder


class LevelForm(LeafForm):
    """A level."""

    op = forms.ChoiceField(label=gettext_lazy("How"), choices=list(NUMBER_OPS.items()), initial=">=")
    value = forms.TypedChoiceField(
        label=gettext_lazy("Level"),
        choices=[(level.value, level.label) for level in KNOWN],
        coerce=int,
        initial=Level.LOYAL,
    )


class LevelLeaf(LeafType):
    """The level compared."""

    type = "level"
    label = gettext_lazy("stands at a level")
    order = 61
    icon = "stairs-up"
    form = LevelForm
    reads = frozenset({"level"})

    class Argument(msgspec.Struct, **STRICT):
        """How, against which level."""

        op: str
        value: int

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        check_number(argument.op, argument.value, path)
        expect(argument.value in KNOWN, path, _("A level is a number from 1 (dormant) to 6 (champion)."))

    @classmethod
    def usual(cls) -> Iterable[Any]:
        return [{"op": op, "value": int(level)} for level in KNOWN for op in (">=", "<=")]

    def condition(self, query: QueryBuilder) -> str:
        return query.people(
            "SELECT s.contact_id FROM engagement_score s WHERE s.workspace_id = %(workspace)s"
            f" AND s.level <> {query.param(int(Level.UNKNOWN))}{query.only('s.contact_id')}"
            f" AND s.level {SQL_OPS[self.argument.op]} {query.param(self.argument.value)}"
        )

    def phrase(self) -> Phrase:
        name = in_sentence(Level(self.argument.value).label)
        return Phrase(_("relationship level"), NUMBER_OPS[self.argument.op], name, self.icon)

    def evidence(self, members: Sequence[int]) -> Evidence | None:
        shown = next(iter(shown_for(members).values()), None)
        return Evidence(shown.level.label if shown else _("unknown"))
