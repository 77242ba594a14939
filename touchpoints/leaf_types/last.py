"""{"last": {"kind": "purchase", "ago": {"op": ">=", "days": 60}}}: the newest moment of a kind, so long ago.

Who never did it is in neither half.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Literal

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.rules.comparing import NUMBER_OPS, check_days
from segments.words.patterns import Found, Scene, Slot, longest_of
from segments.words.slots import SAID
from segments.words.speech import Node, Words
from touchpoints.kind_names import icon_of, kind_choices, name_of
from touchpoints.leaf_types.deeds import deed, deed_words, noun
from touchpoints.leaf_types.moments import SURVIVOR, Moments

TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}  # fewer days ago is a later moment
VERBS = {
    "<": gettext_lazy("less than"),
    "<=": gettext_lazy("at most"),
    ">": gettext_lazy("more than"),
    ">=": gettext_lazy("at least"),
}


class Ago(msgspec.Struct, **STRICT):
    """How long ago."""

    op: Literal["<", "<=", ">", ">="]
    days: int


class LastForm(LeafForm):
    """Did something last so long ago."""

    kind = forms.ChoiceField(label=gettext_lazy("What"))
    op = forms.ChoiceField(label=gettext_lazy("How"), choices=[(op, NUMBER_OPS[op]) for op in (">=", ">", "<=", "<")])
    days = forms.IntegerField(label=gettext_lazy("Days ago"), min_value=1, max_value=36_500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kind_choices()  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, argument: Any) -> dict[str, Any]:
        return {"kind": argument["kind"], **argument["ago"]}

    def argument(self) -> Any:
        facts = self.cleaned_data
        return {"kind": facts["kind"], "ago": {"op": facts["op"], "days": facts["days"]}}


AGO = {
    "en": ("<comparison:op> <days:n> ago", "<comparison:op> <whole:n> days ago"),
    "de": ("vor <comparison:op> <days:n>", "<comparison:op> <days:n> her [ist]", "vor <days:n> <comparison:op>"),
}


class LastWords(Words):
    patterns = {
        "en": (
            "last <deed> <ago>",
            "<deed> last <ago>",
            "[with] [whose|their|a|the] last <noun:deed> [is|was|being] <ago>",
        ),
        "de": (
            "zuletzt <ago> <deed>",
            "zuletzt <deed> <ago>",
            "[deren|mit] (letzter|letzte|letztes|letzten|letztem) <noun:deed> <ago>",
        ),
    }

    def slots(self) -> dict[str, Slot]:
        return {"deed": deed, "noun": noun, "ago": _ago}

    def node(self, found: Found, scene: Scene) -> Node:
        return {"last": {"kind": found["deed"], "ago": found["ago"]}}

    def say(self, argument: Any, language: str) -> str:
        ago, done = argument["ago"], deed_words(argument["kind"], language)
        if language == "de":
            return f"die zuletzt vor {SAID['de'][ago['op']]} {ago['days']} Tagen {done} haben"
        return f"who last {done} {SAID['en'][ago['op']]} {ago['days']} days ago"


def _ago(scene: Scene, place: int) -> Iterator[tuple[int, Any]]:
    """How long ago, as {op, days}."""
    found = longest_of(AGO[scene.language], scene, place)
    if found and found[1]["op"] in TURNED:
        yield found[0], {"op": found[1]["op"], "days": found[1]["n"]}


class LastLeaf(LeafType):
    """The last moment against a day."""

    type = "last"
    label = gettext_lazy("did something last, so long ago")
    order = 45
    form = LastForm
    reads = frozenset({"touchpoint"})
    words = LastWords()

    class Argument(msgspec.Struct, **STRICT):
        """Of which kind, how long ago."""

        kind: str
        ago: Ago

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        Moments(argument.kind).check(path)
        check_days(argument.ago.days, path)

    def condition(self, query: QueryBuilder) -> str:
        ago = self.argument.ago
        moment = query.now - timedelta(days=ago.days)
        day, sign = query.param(moment), TURNED[ago.op]
        # Recent halves read only the recent months.
        is_recent = ago.op in {"<", "<="}
        recent = f" AND t.occurred_at {sign} {day}" if is_recent else ""
        since = moment if is_recent else None
        moments = Moments(self.argument.kind).select_when(SURVIVOR, query, also=recent, since=since)
        return query.people(f"{moments} GROUP BY 1 HAVING max(t.occurred_at) {sign} {day}")

    def phrase(self) -> Phrase:
        ago, kind = self.argument.ago, self.argument.kind
        days = ngettext("1 day ago", "%(n)s days ago", ago.days) % {"n": ago.days}
        return Phrase(_("last %(kind)s") % {"kind": name_of(kind)}, VERBS[ago.op], days, icon_of(kind))

    def evidence(self, members: Sequence[int]) -> Evidence | None:
        moments = Moments(self.argument.kind).newest(members)
        return Evidence(_("last time"), moments[0]) if moments else Evidence(_("never"))

    def moves_with_time(self) -> bool:
        return True
