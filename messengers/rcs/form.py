"""The form of RCS senders: the agent, Google's key file, and the client token."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.models import Sender
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import FetchFailedError, check_url
from lib.sealing import SealBrokenError
from messengers.forms import PhoneSenderForm
from messengers.keyring import joined, keys_of
from messengers.rcs.accounts import TOKEN_URI, BadAccountError, read_account


class RcsSenderForm(PhoneSenderForm):
    """RCS by Google. Empty keys keep those that are there."""

    agent_id = forms.RegexField(
        r"\A[A-Za-z0-9._@-]{3,120}\Z",
        label=_("Agent ID"),
        help_text=_("In the RCS for Business Developer Console: your agent, Agent information."),
    )
    secret = forms.CharField(
        label=_("Key file of the service account"),
        required=False,
        max_length=6_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off", "class": "mono"}),
        help_text=_(
            "In the console under Service account: create a key and paste the whole JSON file. Kept sealed. Leave it"
            " empty to keep the one that is there."
        ),
    )
    client_token = forms.CharField(
        label=_("Client token"), required=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Make one up, and enter the same when you configure the webhook. It proves that Google is calling."),
    )  # fmt: skip
    field_order = (
        "name", "agent_id", "secret", "client_token", "price", "test_number", "endpoint", "per_second", "connections",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["client_token"].required = not self.instance.sealed_secret
        self.fields["test_number"].help_text = _(
            "Your own phone. Until your agent is launched, invite it as a test device in the console."
        )

    def clean_secret(self) -> str:
        """A key file that signs, for Google's own sign-in or a place that we may connect to."""
        text: str = self.cleaned_data["secret"].strip()
        if not text:
            return ""
        try:
            account = read_account(text)
            if account.token_uri != TOKEN_URI:
                check_url(account.token_uri)
        except BadAccountError as error:
            raise forms.ValidationError(
                _("This is no key file of a service account: %(why)s."), params={"why": str(error)}
            ) from error
        except (UnsafeAddressError, FetchFailedError) as error:
            raise forms.ValidationError(
                _("We cannot use this address: %(why)s."), params={"why": str(error)}
            ) from error
        return text

    def save(self, commit: bool = True) -> Sender:
        """The keys sealed together."""
        given = {
            "account": self.cleaned_data.pop("secret"),
            "client_token": self.cleaned_data.pop("client_token").strip(),
        }
        if any(given.values()):
            self.cleaned_data["secret"] = json.dumps(joined(_old_keys(self.instance), given))
        return super().save(commit)


def _old_keys(sender: Sender) -> dict[str, str]:
    try:
        return keys_of(sender) if sender.pk else {}
    except SealBrokenError:
        return {}
