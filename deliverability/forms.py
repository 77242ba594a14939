"""Forms of deliverability: a seed mailbox, a report by hand, a provider's webhook, a warm-up plan."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from deliverability.models import SeedMailbox
from deliverability.seed_tests import keep_password
from delivery.models import ProviderWebhook, WarmUp
from delivery.pace.warming_up import LEAST_MOST, MOST_MOST, USUAL_MOST
from delivery.returns.hooks import BY_KEY, PROVIDERS
from lib.connections.imap import PORTS
from lib.connections.outgoing import NotReachedError, UnsafeAddressError, find_addresses
from lib.written_meanwhile import MeanwhileForm


class SeedMailboxForm(MeanwhileForm, forms.ModelForm):
    """A mailbox of one's own at a provider. An empty password keeps the one that is there."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Often an app password. Kept sealed; leave it empty to keep the one that is there."),
    )

    class Meta:
        model = SeedMailbox
        fields = ("name", "address", "host", "port", "security", "username", "junk_folder")
        help_texts = {
            "name": _("The provider, such as Google."),
            "junk_folder": _("Only where it has a name of its own; usual ones are known."),
        }

    field_order = ("name", "address", "host", "port", "security", "username", "password", "junk_folder")

    def clean_port(self) -> int:
        """IMAP's own ports."""
        port: int = self.cleaned_data["port"]
        if not 0 < port < 65536:
            raise forms.ValidationError(_("A port lies between 1 and 65535."))
        return port

    def clean(self) -> dict[str, Any]:
        """A server that we may ever connect to. One that nobody knows yet may be kept: the test says so."""
        facts = super().clean() or self.cleaned_data
        if not self.instance.sealed_secret and not facts.get("password"):
            self.add_error("password", _("A mailbox is read with its password."))
        if facts.get("host") and facts.get("port"):
            try:
                find_addresses(facts["host"], facts["port"], ports=PORTS, seconds=2)
            except UnsafeAddressError as error:
                words = _("We do not connect to this server: %(why)s.")
                self.add_error("host", forms.ValidationError(words, params={"why": str(error)}))
            except NotReachedError:
                pass
        return facts

    def save(self, commit: bool = True) -> SeedMailbox:
        """Keep the row and, where one was entered, its password."""
        mailbox: SeedMailbox = super().save()
        if self.cleaned_data.get("password"):
            keep_password(mailbox, self.cleaned_data["password"])
        return mailbox


class ReportForm(forms.Form):
    """A DMARC report as a receiver mailed it."""

    file = forms.FileField(label=_("Report (xml, gz, zip)"))


class WebhookForm(forms.Form):
    """Which provider tells us of a sender's emails, and what proves its calls; an empty secret keeps the one that is there."""

    provider = forms.ChoiceField(label=_("Provider"), choices=[(one.key, one.name) for one in PROVIDERS])
    secret = forms.CharField(
        label=_("Key"),
        required=False,
        max_length=1_000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, webhook: ProviderWebhook | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.webhook = webhook
        asking = [f"{one.name}: {one.asks_for}" for one in PROVIDERS if one.asks_for]
        self.fields["secret"].help_text = _("%(list)s. The others need none: the address has a password inside.") % {
            "list": "; ".join(asking)
        }

    def clean(self) -> dict[str, Any]:
        """A provider that signs is of no use without its key."""
        facts = super().clean() or self.cleaned_data
        found = BY_KEY.get(facts.get("provider", ""))
        has_one = self.webhook is not None and found is not None and self.webhook.provider == found.key
        if found is not None and found.asks_for and not facts.get("secret") and not has_one:
            self.add_error(
                "secret", _("%(what)s is needed: it proves that a call is theirs.") % {"what": found.asks_for}
            )
        return facts


class WarmUpForm(forms.Form):
    """How fast a sender warms up, and from how many a day on nothing limits it any more."""

    pace = forms.TypedChoiceField(
        label=_("Pace"), choices=WarmUp.Pace.choices, coerce=int, initial=WarmUp.Pace.USUAL, empty_value=None
    )
    most = forms.IntegerField(
        label=_("No limit from, a day"),
        min_value=LEAST_MOST,
        max_value=MOST_MOST,
        initial=USUAL_MOST,
        help_text=_("About what you want to send on your busiest day."),
    )
