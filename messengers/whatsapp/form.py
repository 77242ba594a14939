"""The form of WhatsApp senders: the number, the account, and the two keys."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.models import Sender
from lib.sealing import SealBrokenError
from messengers.forms import PhoneSenderForm
from messengers.keyring import joined, keys_of
from messengers.whatsapp.messenger import VERSION
from messengers.whatsapp.templates import ask_templates

DIGITS = r"\A[0-9]{5,25}\Z"


class WhatsAppSenderForm(PhoneSenderForm):
    """WhatsApp by Meta's Cloud API. Empty keys keep those that are there."""

    phone_number_id = forms.RegexField(
        DIGITS,
        label=_("Phone number ID"),
        help_text=_("In Meta’s developer pages: your app, WhatsApp, API setup. An id, not the number."),
    )
    account_id = forms.RegexField(
        DIGITS,
        label=_("WhatsApp Business account ID"),
        help_text=_("On the same page, below the phone number ID."),
    )
    app_secret = forms.CharField(
        label=_("App secret"), required=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("In your app’s settings, Basic. It proves that what we are told comes from WhatsApp. Kept sealed."),
    )  # fmt: skip
    version = forms.RegexField(r"\Av[0-9]{1,3}\.[0-9]\Z", label=_("Version of the API"), initial=VERSION)
    field_order = (
        "name", "phone_number_id", "account_id", "secret", "app_secret", "price", "test_number", "version", "endpoint",
        "per_second", "connections",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secret"].label = _("Access token")
        self.fields["secret"].help_text = _(
            "Of a system user, with whatsapp_business_messaging and whatsapp_business_management. Kept sealed. Leave it"
            " empty to keep the one that is there."
        )
        self.fields["app_secret"].required = not self.instance.sealed_secret
        self.fields["test_number"].help_text = _(
            "Your own phone. A test arrives there if that phone wrote to your number within 24 hours."
        )

    def save(self, commit: bool = True) -> Sender:
        """The keys sealed together; its templates are read at once."""
        given = {"token": self.cleaned_data.pop("secret"), "app_secret": self.cleaned_data.pop("app_secret").strip()}
        if any(given.values()):
            self.cleaned_data["secret"] = json.dumps(joined(_old_keys(self.instance), given))
        sender = super().save(commit)
        ask_templates(sender)
        return sender


def _old_keys(sender: Sender) -> dict[str, str]:
    try:
        return keys_of(sender) if sender.pk else {}
    except SealBrokenError:
        return {}
