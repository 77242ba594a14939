"""The form of ad audiences."""

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.forms import SenderForm
from messengers.audience.hashing import NETWORKS


class AudienceSenderForm(SenderForm):
    """One audience at one network."""

    network = forms.ChoiceField(
        label=_("Ad network"),
        choices=[(key, one.name) for key, one in NETWORKS.items()],
        help_text=_("Each wants its own columns and its own spelling."),
    )
    audience = forms.CharField(
        label=_("Name of the audience there"),
        max_length=120,
        required=False,
        help_text=_("So that whoever uploads the list finds it."),
    )
    field_order = ("name", "network", "audience", "per_second")
