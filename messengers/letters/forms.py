"""The form of printed letters."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.countries import country_choices
from delivery.forms import SenderForm

LAYOUTS = [("din", _("A4, window at the left (DIN 5008 form B)")), ("us", _("US letter, #10 window envelope"))]


def _lines(label: Any, help_text: Any = "", rows: int = 4) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=600, required=False, widget=widget, help_text=help_text)


class LetterSenderForm(SenderForm):
    """Who writes, and how the sheet looks."""

    layout = forms.ChoiceField(label=_("Sheet and envelope"), choices=LAYOUTS, initial="din")
    return_line = forms.CharField(
        label=_("Return address in one line"), max_length=120, help_text=_("Stands small above the address.")
    )
    block = _lines(_("Your address and how to reach you"), _("Beside the window, a line each."))
    place = forms.CharField(
        label=_("Place before the date"),
        max_length=60,
        required=False,
        help_text=_("Leave it empty for the date alone."),
    )
    closing = _lines(_("Closing"), _("Such as “Kind regards”, an empty line, and who signs."))
    footer = forms.CharField(
        label=_("Line at the end"), max_length=300, required=False,
        initial=_("You do not want letters from us any more? Write to us, and we stop."),
        help_text=_("Why they get it and how to stop it: in many countries the law asks for it."),
    )  # fmt: skip
    home_country = forms.ChoiceField(
        label=_("Letters are posted in"), required=False, help_text=_("The address of others gets its country.")
    )
    has_code = forms.BooleanField(
        label=_("A code to scan with the phone"), required=False, initial=True,
        help_text=_("Leads to the first link of the letter, and counts as a click."),
    )  # fmt: skip
    code_says = forms.CharField(label=_("Words under the code"), max_length=80, required=False)
    postage = forms.DecimalField(
        label=_("Postage of a letter"), min_value=0, max_value=1_000, max_digits=7, decimal_places=3, required=False,
        help_text=_("With envelope and handling, beside the price of its pages."),
    )  # fmt: skip
    field_order = (
        "name", "layout", "return_line", "block", "place", "closing", "footer", "home_country", "has_code", "code_says",
        "price", "postage", "per_second",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["home_country"].choices = [("", "–"), *country_choices()]  # type: ignore[attr-defined]
