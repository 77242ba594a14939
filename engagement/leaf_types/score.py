"""{"score": {"name": "involvement", "op": ">=", "value": 40}}: one of the four I's, or "overall", against a number.

People nobody has scored yet are in none of them: unknown is not low.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from engagement import formula
from engagement.four import BY_NAME, FOUR
from engagement.modelling import current_model
from engagement.reading import shown_for
from lib.local_words import in_sentence
from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.rules.comparing import NUMBER_OPS, SQL_OPS, check_number, expect
from segments.words.patterns import Found, Scene, Slot
from segments.words.speech import Node, Words
from segments.words.tokens import number_words
from segments.words.values import named

OVERALL = "overall"
LABELS: dict[str, Any] = {**{one.name: one.label for one in FOUR}, OVERALL: gettext_lazy("Overall score")}


class ScoreForm(LeafForm):
    """A score and a number."""

    name = forms.ChoiceField(label=gettext_lazy("Score"), choices=list(LABELS.items()))
    op = forms.ChoiceField(label=gettext_lazy("How"), choices=list(NUMBER_OPS.items()), initial=">=")
    value = forms.FloatField(label=gettext_lazy("Points"), min_value=-100, max_value=100, initial=40)


SAID = {
    "en": {"=": "is {v}", "!=": "is not {v}", "<": "is below {v}", "<=": "is at most {v}", ">": "is above {v}",
           ">=": "is at least {v}"},
    "de": {"=": "genau {v} ist", "!=": "ungleich {v} ist", "<": "unter {v} liegt", "<=": "höchstens {v} ist",
           ">": "über {v} liegt", ">=": "mindestens {v} ist"},
}  # fmt: skip


class ScoreWords(Words):
    patterns = {
        "en": (
            "[whose|with|have|has] [an|a|the|their] <score> [score] [of|is|are] <comparison:op> <number:v> [points]",
            "[with] [a|an] <score> of <number:v>",
        ),
        "de": (
            "[deren|mit] [einem|einer|der|dem] <score> [von] <comparison:op> <number:v> [punkten|ist|liegt]",
            "[mit] [einem|einer] <score> von <number:v>",
        ),
    }

    def slots(self) -> dict[str, Slot]:
        return {"score": _one_score}

    def node(self, found: Found, scene: Scene) -> Node:
        return {"score": {"name": found["score"], "op": found.get("op", "="), "value": found["v"]}}

    def say(self, argument: Any, language: str) -> str:
        words = SAID[language][argument["op"]].format(v=number_words(argument["value"], language))
        return f"{'deren' if language == 'de' else 'whose'} {_called(argument['name'], language)} {words}"


def _called(name: str, language: str) -> str:
    with override(language):
        return in_sentence(LABELS[name])


def _one_score(scene: Scene, place: int) -> Iterator[tuple[int, str]]:
    for name in LABELS:
        yield from ((end, name) for end, _word in named((_called(name, scene.language), name), scene, place))


class ScoreLeaf(LeafType):
    """A shown score compared with a number; it fades, so time alone can flip it."""

    type = "score"
    label = gettext_lazy("has a score")
    order = 60
    icon = "activity"
    form = ScoreForm
    reads = frozenset({"score", "role"})
    words = ScoreWords()

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
