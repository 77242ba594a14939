"""{"level_moved": {"direction": "down", "window": {"last_days": 28}}}: a move between levels in a span of time."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.levels import Level
from engagement.models import LevelMove
from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.rules.windows import Window, window_sql_of, window_words_of
from segments.words.patterns import Found, Scene, Slot
from segments.words.slots import window_words
from segments.words.speech import Node, Words

NEWEST_SEEN = 20


class LevelMovedForm(LeafForm):
    """Up or down, in the last days."""

    direction = forms.ChoiceField(
        label=gettext_lazy("Where to"), choices=[("up", gettext_lazy("up")), ("down", gettext_lazy("down"))]
    )
    last_days = forms.IntegerField(label=gettext_lazy("In the last days"), min_value=1, max_value=3650, initial=28)

    @classmethod
    def initial_of(cls, argument: Any) -> dict[str, Any]:
        return {
            "direction": argument.get("direction", "down"),
            "last_days": (argument.get("window") or {}).get("last_days", 28),
        }

    def argument(self) -> Any:
        said = self.cleaned_data
        return {"direction": said["direction"], "window": {"last_days": said["last_days"]}}


class LevelMovedWords(Words):
    patterns = {
        "en": (
            "(moved|went|powered) up [a level|in level] <up>",
            "(moved|went|powered) down [a level|in level] <down>",
            "(gained|won) a level <up>",
            "(lost|dropped) a level <down>",
            "[whose] [relationship] level (rose|went up|increased|grew) <up>",
            "[whose] [relationship] level (fell|went down|dropped|decreased|sank) <down>",
        ),
        "de": (
            "(aufgestiegen|aufsteigen) <up>",
            "(abgestiegen|absteigen) <down>",
            "(gestiegen|gewachsen) <up>",
            "(gefallen|gesunken) <down>",
        ),
    }
    parts = {"window": "window"}
    noise = {"de": ("[deren] (stufe|beziehungsstufe)",)}

    def slots(self) -> dict[str, Slot]:
        return {
            "up": lambda scene, place: iter([(place, "up")]),
            "down": lambda scene, place: iter([(place, "down")]),
        }

    def node(self, found: Found, scene: Scene) -> Node:
        said = {"direction": "up" if "up" in found else "down"}
        return {"level_moved": said | ({"window": found["window"]} if "window" in found else {})}

    def say(self, argument: Any, language: str) -> str:
        span, is_up = window_words(argument.get("window"), language), argument["direction"] == "up"
        if language == "de":
            return " ".join(filter(None, ["die", span, "aufgestiegen" if is_up else "abgestiegen", "sind"]))
        return " ".join(filter(None, ["who moved", "up" if is_up else "down", "a level", span]))


class LevelMovedLeaf(LeafType):
    """Somebody rose or fell."""

    type = "level_moved"
    label = gettext_lazy("moved up or down")
    order = 62
    icon = "stairs-up"
    form = LevelMovedForm
    reads = frozenset({"level"})
    words = LevelMovedWords()

    class Argument(msgspec.Struct, **STRICT):
        """Which way, when."""

        direction: Literal["up", "down"]
        window: Window | None = None

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        if argument.window is not None:
            argument.window.check(path)

    def condition(self, query: QueryBuilder) -> str:
        sign = ">" if self.argument.direction == "up" else "<"
        return query.people(
            f"SELECT DISTINCT coalesce(m.survivor_id, v.contact_id) AS contact_id"
            f" {query.survivors('engagement_levelmove', 'v')} WHERE v.workspace_id = %(workspace)s"
            f" AND v.after {sign} v.before{window_sql_of(self.argument.window, 'v.at', query)}"
            f"{query.only('v.contact_id')}"
        )

    def phrase(self) -> Phrase:
        verb = _("moved up") if self.argument.direction == "up" else _("moved down")
        return Phrase(_("relationship"), verb, window_words_of(self.argument.window), self.icon)

    def evidence(self, members: Sequence[int]) -> Evidence | None:
        up = self.argument.direction == "up"
        for move in LevelMove.objects.filter(contact__in=members).order_by("-at")[:NEWEST_SEEN]:
            if (move.after > move.before) == up:
                words = _("%(before)s to %(after)s") % {
                    "before": Level(move.before).label,
                    "after": Level(move.after).label,
                }
                return Evidence(words, move.at)
        return Evidence(_("never"))

    def moves_with_time(self) -> bool:
        return self.argument.window is not None and self.argument.window.moves_with_time
