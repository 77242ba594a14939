"""Forms about companies and who is there."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from contacts.companies.keeping import LONGEST_NAME
from contacts.companies.positions import LONGEST_ROLE
from lib.written_meanwhile import MeanwhileForm


class CompanyForm(MeanwhileForm):
    """A company: its name, country and domains."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    domains = forms.CharField(
        label=_("Domains"),
        required=False,
        max_length=2_000,
        help_text=_("Of their website and mailboxes, with commas between: kettle.example, kettle.de."),
    )
    country = forms.CharField(
        label=_("Country"), required=False, max_length=60, help_text=_("Two letters, such as SE, or the name.")
    )

    def clean_domains(self) -> list[str]:
        text = self.cleaned_data["domains"].replace("\n", ",").replace(";", ",")
        return [one.strip() for one in text.split(",") if one.strip()]


class PlaceForm(forms.Form):
    """A company where somebody is, their role there, since when."""

    company = forms.CharField(label=_("Company"), max_length=LONGEST_NAME)
    role_there = forms.CharField(label=_("Role there"), required=False, max_length=LONGEST_ROLE)
    since = forms.DateField(label=_("Since"), required=False, widget=forms.DateInput(attrs={"type": "date"}))


class PositionForm(MeanwhileForm):
    """What somebody does at a company, since when and until when."""

    role_there = forms.CharField(label=_("Role there"), required=False, max_length=LONGEST_ROLE)
    since = forms.DateField(
        label=_("Since"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.order_fields(["role_there", "since", "until"])

    def said_of_both(self, words: str) -> str:
        """What was typed stands nowhere any more: the page shows theirs."""
        if not words:
            return _now("Somebody else emptied this meanwhile. Look, and write yours again.")
        return _now("Somebody else wrote meanwhile: “%(words)s”. Look, and write yours again.") % {"words": words}
