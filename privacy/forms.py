"""What is asked at the privacy desk."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contacts.looking_up import look_up_exactly
from contacts.models import Contact
from lib.clock import now
from lib.written_meanwhile import MeanwhileForm
from privacy.models import PrivacyRequest, Retention


class RequestForm(forms.Form):
    """A request that came by mail, by phone, over the counter."""

    kind = forms.ChoiceField(label=_("Asks for"), choices=PrivacyRequest.Kind.choices)
    who = forms.CharField(
        label=_("Who asks"),
        max_length=200,
        help_text=_("An email address, a phone number or a customer number finds them; a name is kept as it is."),
    )
    way = forms.ChoiceField(label=_("Came"), choices=PrivacyRequest.Way.choices)
    received_on = forms.DateField(
        label=_("Received on"),
        required=False,
        help_text=_("The clock runs from this day. Empty: today."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    details = forms.CharField(
        label=_("In their words"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if day and not 0 <= (now().date() - day).days <= 3 * 366:
            raise ValidationError(_("A day of the last three years, not one to come."))
        return day

    def found(self) -> Contact | None:
        """The person that their words name, if they name exactly one."""
        return look_up_exactly(self.cleaned_data["who"])


class CheckForm(forms.Form):
    """How it was made sure that it is this person."""

    how = forms.ChoiceField(
        label=_("How we know it is them"),
        choices=[choice for choice in PrivacyRequest.Identity.choices if choice[0]],
    )
    who = forms.CharField(
        label=_("Who it is"),
        max_length=200,
        required=False,
        help_text=_("Their email address, phone number or customer number, where nobody is known yet."),
    )


class RetentionForm(MeanwhileForm, forms.ModelForm):
    """How long things are kept."""

    class Meta:
        model = Retention
        fields = ("authors_days", "pages_months")


class ReasonForm(forms.Form):
    """A reason that the person is told."""

    why = forms.CharField(label=_("Reason"), max_length=300)
