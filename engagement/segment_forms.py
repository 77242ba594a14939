"""Forms of this room's lines of a rule."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.segments.comparing import NUMBER_OPS
from contacts.segments.forms import LeafForm
from engagement.models import Level
from engagement.segment_words import SCORE_NAMES


class ScoreForm(LeafForm):
    """A score and a number."""

    name = forms.ChoiceField(label=_("Score"), choices=list(SCORE_NAMES.items()))
    op = forms.ChoiceField(label=_("How"), choices=list(NUMBER_OPS.items()), initial=">=")
    value = forms.FloatField(label=_("Points"), min_value=-100, max_value=100, initial=40)


class LevelForm(LeafForm):
    """A level."""

    op = forms.ChoiceField(label=_("How"), choices=list(NUMBER_OPS.items()), initial=">=")
    value = forms.TypedChoiceField(label=_("Level"), choices=Level.choices[1:], coerce=int, initial=Level.LOYAL)


class LevelMovedForm(LeafForm):
    """Up or down, in the last days."""

    direction = forms.ChoiceField(label=_("Where to"), choices=[("up", _("up")), ("down", _("down"))])
    last_days = forms.IntegerField(label=_("In the last days"), min_value=1, max_value=3650, initial=28)

    @classmethod
    def initial_of(cls, argument: Any) -> dict[str, Any]:
        return {
            "direction": argument.get("direction", "down"),
            "last_days": (argument.get("window") or {}).get("last_days", 28),
        }

    def argument(self) -> Any:
        said = self.cleaned_data
        return {"direction": said["direction"], "window": {"last_days": said["last_days"]}}
