"""The form of this room's line of a rule."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from contacts.segments.forms import LeafForm


class MessageForm(LeafForm):
    """Got, read or clicked; which letter; in which days."""

    did = forms.ChoiceField(
        label=_("What"), choices=[("received", _("got")), ("opened", _("read")), ("clicked", _("clicked in"))]
    )
    campaign = forms.TypedChoiceField(label=_("Letter"), required=False, coerce=int, empty_value=None)
    last_days = forms.IntegerField(
        label=_("In the last days"), required=False, min_value=1, max_value=3650, help_text=_("Empty: ever")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = Campaign.objects.exclude(planned_at=None).values_list("pk", "name")[:300]
        self.fields["campaign"].choices = [("", _("any letter")), *names]  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, argument: Any) -> dict[str, Any]:
        days = (argument.get("window") or {}).get("last_days")
        return {"did": argument.get("did", "opened"), "campaign": argument.get("campaign"), "last_days": days}

    def argument(self) -> Any:
        said = self.cleaned_data
        found: dict[str, Any] = {"did": said["did"]}
        if said["campaign"]:
            found["campaign"] = said["campaign"]
        if said["last_days"]:
            found["window"] = {"last_days": said["last_days"]}
        return found
