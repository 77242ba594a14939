"""What proves that a provider of email is the one who calls us."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.models import Sender
from delivery.returns.hooks import BY_KEY, webhook_of


class TellingForm(forms.Form):
    """What proves that a call is the provider's; an empty one keeps the one that is there."""

    secret = forms.CharField(
        label=_("Secret"),
        required=False,
        max_length=1_000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, sender: Sender, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sender, self.asked = sender, BY_KEY[sender.kind].asks_for
        if self.asked:
            self.fields["secret"].label = str(self.asked)
            self.fields["secret"].help_text = _("Kept sealed. Leave it empty to keep the one that is there.")
        else:
            self.fields["secret"].widget = forms.HiddenInput()

    def clean_secret(self) -> str:
        """A provider that signs is of no use without its key."""
        secret = str(self.cleaned_data["secret"]).strip()
        if self.asked and not secret and webhook_of(self.sender) is None:
            said = _("%(what)s is needed: it proves that a call is theirs.")
            raise forms.ValidationError(said, params={"what": self.asked})
        return secret if self.asked else ""
