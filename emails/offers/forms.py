"""Pools of codes, codes and redemptions as forms."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.models import OfferPool
from emails.offers.generating import LONGEST, MOST, SHORTEST
from emails.offers.redeeming import LONGEST_ORDER
from lib.times.moment_fields import MomentField
from lib.written_meanwhile import MeanwhileForm
from touchpoints.money import read_minor

MOST_BYTES = 100_000_000


def _ends() -> MomentField:
    said = gettext_lazy("No code is given or taken from then on. Empty: it has no end.")
    return MomentField(label=gettext_lazy("Ends"), required=False, help_text=said)


class ChangeForm(MeanwhileForm):
    """What may change of a pool."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    worth = forms.CharField(
        label=gettext_lazy("What it is worth"), max_length=120, required=False,
        help_text=gettext_lazy("In your own words: 10 % off all oolongs."),
    )  # fmt: skip
    expires_at = _ends()


class PoolForm(ChangeForm):
    """A new pool."""

    key = forms.CharField(
        label=gettext_lazy("Key"), max_length=40,
        help_text=gettext_lazy("How emails name it, for good. With the key spring an email says {{ offer.spring }}."),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=gettext_lazy("Codes"), choices=OfferPool.Kind.choices, initial=OfferPool.Kind.UNIQUE,
        widget=forms.RadioSelect,
    )  # fmt: skip
    shared_code = forms.CharField(
        label=gettext_lazy("The code for everybody"), max_length=64, required=False,
        help_text=gettext_lazy("Only where everybody gets the same."),
    )  # fmt: skip
    field_order = ("name", "key", "kind", "shared_code", "worth", "expires_at")


class CodesForm(forms.Form):
    """Codes from elsewhere: lines, a file, or both."""

    lines = forms.CharField(
        label=gettext_lazy("Codes, one a line"), required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("Or a file"), required=False, help_text=gettext_lazy("Text, one code a line. A million at most."),
    )  # fmt: skip

    def clean_file(self) -> Any:
        """Not larger than a million codes are."""
        found = self.cleaned_data["file"]
        if found and found.size > MOST_BYTES:
            raise ValidationError(_("This file is larger than we take."))
        return found

    def clean(self) -> dict[str, Any]:
        """One of them is given."""
        said = super().clean() or {}
        if not self.errors and not said.get("file") and not said.get("lines", "").strip():
            raise ValidationError(_("Paste codes, or choose a file."))
        return said


class MakeForm(forms.Form):
    """Codes to be made."""

    count = forms.IntegerField(label=gettext_lazy("How many"), min_value=1, max_value=MOST)
    begins = forms.CharField(
        label=gettext_lazy("Begin with"), max_length=20, required=False, help_text=gettext_lazy("Such as SPRING-")
    )
    length = forms.IntegerField(
        label=gettext_lazy("Signs behind it"), min_value=SHORTEST, max_value=LONGEST, initial=SHORTEST
    )


class RedeemForm(forms.Form):
    """A code at the counter."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=200)
    value = forms.CharField(label=gettext_lazy("Value of the purchase"), max_length=40, required=False)
    order = forms.CharField(label=gettext_lazy("Order or receipt number"), max_length=LONGEST_ORDER, required=False)

    def clean_value(self) -> int | None:
        """In hundredths."""
        said = self.cleaned_data["value"].strip()
        minor = read_minor(said) if said else None
        if said and minor is None:
            raise ValidationError(_("Write an amount, as 24.90."))
        return minor
