"""Forms of senders that hand emails to a provider by its API: whom readers see, and the key."""

import ipaddress
import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.addresses import BadAddressError, normalise_phone
from delivery.forms import SenderForm
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import FetchFailedError, check_url

SERVICE = re.compile(r"MG[0-9a-f]{32}\Z")
NAMED = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}\Z")
NAME = r"\A[A-Za-z0-9._-]+\Z"


class KeyedSenderForm(SenderForm):
    """Whoever is asked over HTTP with a key. An empty key keeps the one that is there."""

    secret = forms.CharField(
        label=_("API key"),
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Kept sealed. Leave it empty to keep the one that is there."),
    )
    endpoint = forms.URLField(
        label=_("Address of the API"),
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text=_("Leave it empty for the provider’s own."),
    )
    connections = forms.IntegerField(
        label=_("Connections at once"), initial=8, min_value=1, max_value=50, required=False,
        help_text=_("Each waits for the provider’s answer before it sends the next one."),
    )  # fmt: skip
    field_order: tuple[str, ...] = (
        "name", "from_name", "from_email", "reply_to", "access_key", "username", "secret", "region", "sending_domain",
        "stream", "configuration_set", "endpoint", "per_second", "connections",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secret"].required = not self.instance.sealed_secret

    def clean_secret(self) -> str:
        """A key that can stand in a header."""
        secret: str = self.cleaned_data["secret"]
        if not secret.isascii() or not secret.isprintable():
            raise forms.ValidationError(_("A key has letters, digits and signs only."))
        return secret

    def clean_connections(self) -> int:
        """Eight, where nobody says."""
        return int(self.cleaned_data["connections"] or 8)

    def clean_endpoint(self) -> str:
        """A place that we may connect to; over the open net the key goes encrypted only."""
        url: str = self.cleaned_data["endpoint"]
        if not url:
            return ""
        try:
            parsed, address = check_url(url)
        except (UnsafeAddressError, FetchFailedError) as error:
            raise forms.ValidationError(
                _("We cannot use this address: %(why)s."), params={"why": str(error)}
            ) from error
        if parsed.scheme != "https" and ipaddress.ip_address(address).is_global:
            raise forms.ValidationError(_("The key may only go over https."))
        return url

    def clean(self) -> dict[str, Any]:
        """A key that is there goes to no other place than the one it was entered for."""
        facts = super().clean() or self.cleaned_data
        if self.instance.pk and "endpoint" in self.changed_data and not facts.get("secret"):
            self.add_error("secret", _("Enter the key again: it would go to another place."))
        return facts


class ProviderSenderForm(KeyedSenderForm):
    """A provider of email that wants one key."""

    from_name = forms.CharField(label=_("Sender's name"), max_length=120)
    from_email = forms.EmailField(
        label=_("Sender's address"), help_text=_("Of a domain that the provider has checked as yours.")
    )
    reply_to = forms.EmailField(label=_("Answers go to"), required=False)

    def clean_from_name(self) -> str:
        """A name that can stand in a header."""
        name: str = self.cleaned_data["from_name"]
        if any(one in name for one in "\r\n\0"):
            raise forms.ValidationError(_("A name is one line."))
        return name


class PostmarkSenderForm(ProviderSenderForm):
    """Postmark: the token of a server, and one of its streams."""

    stream = forms.RegexField(
        NAME,
        label=_("Message stream"),
        max_length=60,
        initial="outbound",
        help_text=_("Newsletters need a broadcast stream."),
    )


class MailgunSenderForm(ProviderSenderForm):
    """Mailgun: its regions are two places."""

    sending_domain = forms.RegexField(
        NAME, label=_("Sending domain"), max_length=200, required=False,
        help_text=_("As Mailgun knows it. Leave it empty if it is that of the sender’s address."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["endpoint"].help_text = _("Empty for the EU region; https://api.mailgun.net for the US.")


class MailjetSenderForm(ProviderSenderForm):
    """Mailjet: a key of two halves."""

    username = forms.CharField(label=_("API key"), max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secret"].label = _("Secret key")


class SesSenderForm(ProviderSenderForm):
    """Amazon SES: an access key, its region, and the configuration set that tells of bounces."""

    access_key = forms.RegexField(NAME, label=_("Access key ID"), max_length=128)
    region = forms.RegexField(NAME, label=_("Region"), max_length=30, initial="eu-central-1")
    configuration_set = forms.RegexField(
        NAME, label=_("Configuration set"), max_length=64, required=False,
        help_text=_("The one whose events go to us. Without it SES tells nothing of bounces."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secret"].label = _("Secret access key")


class PhoneSenderForm(KeyedSenderForm):
    """Whoever sends to phones: the number where tests go."""

    test_number = forms.CharField(
        label=_("Number for tests"),
        max_length=40,
        required=False,
        help_text=_("Your own phone. “Send me a test” goes there."),
    )

    def clean_test_number(self) -> str:
        """A number, or none."""
        given = str(self.cleaned_data["test_number"]).strip()
        return self._number(given) if given else ""

    def _number(self, given: str) -> str:
        try:
            return normalise_phone(given)
        except BadAddressError as error:
            raise forms.ValidationError(_("Write the number with its country, such as +4915112345678.")) from error


class SmsSenderForm(PhoneSenderForm):
    """SMS by Twilio: the account, who sends, whether each text ends with a way to stop."""

    account_sid = forms.RegexField(NAME, label=_("Account SID"), max_length=40)
    from_number = forms.CharField(
        label=_("Sender"), max_length=40, help_text=_("A number such as +4915112345678, or a messaging service (MG…).")
    )
    adds_stop = forms.BooleanField(
        label=_("Link to stop at the end"), required=False,
        help_text=_("Offers and newsletters end with a link to a page that stops texts with one tap: about 60 characters."),
    )  # fmt: skip
    help_text = forms.CharField(
        label=_("Answer to HELP"), max_length=160, required=False,
        help_text=_("Leave it empty to say who you are and how to stop."),
    )  # fmt: skip
    field_order = (
        "name", "account_sid", "secret", "from_number", "price", "test_number", "adds_stop", "help_text", "endpoint",
        "per_second", "connections",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secret"].label = _("Auth token")

    def clean_from_number(self) -> str:
        """A number, a name of 11 letters at most, or a messaging service."""
        given = str(self.cleaned_data["from_number"]).strip()
        return given if SERVICE.match(given) or NAMED.match(given) else self._number(given)
