"""Logging an activity by hand."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from lib.clock import now
from lib.times.moment_fields import MomentField
from touchpoints.facts import BadFactError, check_moment
from touchpoints.kinds import KINDS

BY_HAND = (
    "call",
    "called",
    "meeting",
    "shop_visit",
    "event_visit",
    "code_used",
    "message",
    "complaint",
    "resolved",
    "question",
)
MOODS = [("", _("not said")), ("1000", _("glad")), ("0", _("neutral")), ("-1000", _("annoyed"))]


class TouchpointForm(forms.Form):
    """A call, a meeting, a visit to the shop, a code from TV or print."""

    kind = forms.ChoiceField(label=_("What happened"), choices=[(key, KINDS[key].said) for key in BY_HAND])
    occurred_at = MomentField(label=_("When"), initial=now)
    note = forms.CharField(
        label=_("In a few words"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    minutes = forms.IntegerField(label=_("Minutes"), required=False, min_value=0, max_value=1440)
    place = forms.CharField(label=_("Place, shop or code"), required=False, max_length=120)
    mood = forms.ChoiceField(label=_("How they felt"), choices=MOODS, required=False)
    token = forms.CharField(widget=forms.HiddenInput, max_length=60)

    def clean_occurred_at(self) -> Any:
        moment = self.cleaned_data["occurred_at"]
        try:
            check_moment(moment, now=now())
        except BadFactError as error:
            raise ValidationError(_("This lies in the future, or before 1970. Nothing was saved yet.")) from error
        return moment
