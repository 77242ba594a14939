"""The six roles that a programme may play, each with a sentence, and what is usual for it."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Programme

Preset = Programme.Preset


class Usual(NamedTuple):
    """What a programme of a role usually says, and how many emails a week it needs at most."""

    purpose: str | Promise
    gives: str | Promise
    asks: str | Promise
    weekly_cap: int


SENTENCES: dict[str, str | Promise] = {
    Preset.NEWSLETTER: _("Keeps a promise: something worth reading, on a rhythm they chose."),
    Preset.WELCOME: _("Makes the first weeks good, and asks one thing."),
    Preset.WIN_BACK: _("Gives a reason to return, once or twice, then leaves it."),
    Preset.LAUNCH: _("Tells those who would be sorry to miss it, and nobody else."),
    Preset.LOYALTY: _("Turns a first order into a habit."),
    Preset.SERVICE: _("Helps with what they have already. Sells nothing."),
}
USUAL: dict[str, Usual] = {
    Preset.NEWSLETTER: Usual(
        _("Stay in touch with those who asked for it"),
        _("Something worth reading, now and then"),
        _("Their attention for two minutes"),
        1,
    ),
    Preset.WELCOME: Usual(
        _("Make a good start with new people"), _("What they need to begin"), _("What interests them"), 3
    ),
    Preset.WIN_BACK: Usual(
        _("Ask those who went quiet whether they want to stay"),
        _("A reason to come back, or an easy way out"),
        _("A yes or a no"),
        1,
    ),
    Preset.LAUNCH: Usual(
        _("Tell people about something new"),
        _("First choice, before others"),
        _("Their opinion, their order"),
        2,
    ),
    Preset.LOYALTY: Usual(
        _("Thank those who stay"),
        _("Things that others do not get"),
        _("That they tell others"),
        1,
    ),
    Preset.SERVICE: Usual(
        _("Help people to get the most out of what they bought"),
        _("Answers before they ask"),
        _("Word when something is wrong"),
        3,
    ),
}


def usual_for(preset: str) -> dict[str, object]:
    """What a programme of this role usually says; nothing for what is no role."""
    if preset not in Preset.values:
        return {}
    said: dict[str, object] = {"preset": preset, "name": dict(Preset.choices)[preset]}
    return said | USUAL[preset]._asdict()
