"""{"level": {"op": ">=", "value": 4}}: the announced relationship level, 1 dormant … 6 champion.

It changes when it is announced, by news, so time alone never flips the line.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.levels import KNOWN, Level
from engagement.reading import shown_for
from lib.local_words import in_sentence
from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.rules.comparing import NUMBER_OPS, SQL_OPS, check_number, expect
from segments.words.patterns import Found, Scene, Slot, longest_of, pattern
from segments.words.speech import Node, Words
from segments.words.values import listed


class LevelForm(LeafForm):
    """A level."""

    op = forms.ChoiceField(label=gettext_lazy("How"), choices=list(NUMBER_OPS.items()), initial=">=")
    value = forms.TypedChoiceField(
        label=gettext_lazy("Level"),
        choices=[(level.value, level.label) for level in KNOWN],
        coerce=int,
        initial=Level.LOYAL,
    )


# As it is said, and as it may be typed.
NAMES = {
    "en": {1: ("dormant", "dormant"), 2: ("aware", "aware"), 3: ("warm", "warm"), 4: ("engaged", "engaged"),
           5: ("loyal", "loyal"), 6: ("champion", "(champion|champions)")},
    "de": {1: ("ruhend", "(ruhend|ruhende|ruhenden)"), 2: ("aufmerksam", "(aufmerksam|aufmerksame|aufmerksamen)"),
           3: ("warm", "(warm|warme|warmen)"), 4: ("engagiert", "(engagiert|engagierte|engagierten)"),
           5: ("treu", "(treu|treue|treuen|loyal|loyale)"), 6: ("Fürsprecher", "(fürsprecher|fürsprechern|fürsprecherinnen)")},
}  # fmt: skip
SAID = {
    "en": {"=": "is {v}", "!=": "is not {v}", "<": "is below {v}", "<=": "is at most {v}", ">": "is above {v}",
           ">=": "is at least {v}"},
    "de": {"=": "genau {v} ist", "!=": "ungleich {v} ist", "<": "unter {v} liegt", "<=": "höchstens {v} ist",
           ">": "über {v} liegt", ">=": "mindestens {v} ist"},
}  # fmt: skip


class LevelWords(Words):
    patterns = {
        "en": (
            "<levels>",
            "[whose|with|have|has] [a|an|the|their] [relationship] level [of|is] <comparison:op> <level>",
            "[at|on|with] [a|the] [relationship] level [of|is] <level>",
            "[at|on|with] [a|the] [relationship] level [of] <level> or (higher|above|better|more) <nothing:up>",
            "[at|on|with] [a|the] [relationship] level [of] <level> or (lower|below|worse|less) <nothing:down>",
            "(at|from) [least] <level> or (higher|above|better|more) <nothing:up>",
            "<level> or (higher|above|better|more) <nothing:up>",
            "<level> or (lower|below|worse|less) <nothing:down>",
            "at least <level> <nothing:up>",
        ),
        "de": (
            "<levels>",
            "[deren|mit] [einer|der] (stufe|beziehungsstufe) [von] <comparison:op> <level> [ist|liegt]",
            "[auf|mit|deren] [der|einer] (stufe|beziehungsstufe) [von] <level> [ist|stehen]",
            "[auf|mit] [der|einer] (stufe|beziehungsstufe) [von] <level> oder (höher|besser|mehr|darüber) <nothing:up>",
            "[auf|mit] [der|einer] (stufe|beziehungsstufe) [von] <level> oder (niedriger|tiefer|weniger|darunter) <nothing:down>",
            "<level> oder (höher|besser|mehr|darüber) <nothing:up>",
            "<level> oder (niedriger|tiefer|weniger|darunter) <nothing:down>",
            "mindestens <level> <nothing:up>",
        ),
    }
    is_head = True

    def slots(self) -> dict[str, Slot]:
        return {
            "level": _one_level,
            "levels": lambda scene, place: listed(_one_level, scene, place),
            "nothing": lambda scene, place: iter([(place, None)]),
        }

    def keywords(self, language: str) -> set[str]:
        names = (pattern(phrase).words for _said, phrase in NAMES[language].values())
        return super().keywords(language).union(*names)

    def node(self, found: Found, scene: Scene) -> Node:
        op = ">=" if "up" in found else "<=" if "down" in found else found.get("op", "=")
        if "levels" not in found:
            return {"level": {"op": op, "value": found["level"]}}
        made = [{"level": {"op": "=", "value": one}} for one in found["levels"][0]]
        return made[0] if len(made) == 1 else {"any": made}

    def say(self, argument: Any, language: str) -> str:
        words = SAID[language][argument["op"]].format(v=NAMES[language][argument["value"]][0])
        return f"deren Stufe {words}" if language == "de" else f"whose level {words}"


def _one_level(scene: Scene, place: int) -> Iterator[tuple[int, int]]:
    for value, (_said, phrase) in NAMES[scene.language].items():
        if found := longest_of((phrase,), scene, place):
            yield found[0], value


class LevelLeaf(LeafType):
    """The level compared."""

    type = "level"
    label = gettext_lazy("stands at a level")
    order = 61
    icon = "stairs-up"
    form = LevelForm
    reads = frozenset({"level"})
    words = LevelWords()

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
