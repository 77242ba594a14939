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
from segments.windows import Window, window_sql_of, window_words_of

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


class LevelMovedLeaf(LeafType):
    """Somebody rose or fell."""

    type = "level_moved"
    label = gettext_lazy("moved up or down")
    order = 62
    icon = "stairs-up"
    form = LevelMovedForm
    reads = frozenset({"level"})

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
