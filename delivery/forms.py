"""Forms of senders, one a messenger: each edits the messenger's settings and its secret."""

from decimal import Decimal
from typing import Any, ClassVar

import msgspec
from django import forms
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from contacts.channels import Channel
from contacts.forms import FilesField
from delivery.content.liquid import BadTemplateError, parse
from delivery.content.mime import BadHeaderError, encode_words
from delivery.engine.freeing import free_urgent
from delivery.messengers.protocol import Messenger
from delivery.models import Content, Sender, TransactionalTemplate
from delivery.models.messages import HAND_WRITTEN
from delivery.news import sender_saved
from delivery.pricing import UNITS, milli_of, unit_of
from delivery.senders import find_sender, keep_secret, wake_sender
from delivery.transactional.templates import facts_of
from lib.connections.outgoing import MAIL_PORTS, NotReachedError, UnsafeAddressError, find_addresses
from lib.connections.safe_fetch import FetchFailedError, check_url
from lib.foreign.cleaning import to_line
from lib.foreign.foreign_json import BadJsonError, read_json
from lib.rooms import house
from lib.standard_webhooks import BadSecretError, new_secret, sign
from lib.written_meanwhile import MeanwhileForm

SECURITY = [
    ("none", _("None (only inside your own network)")),
    ("starttls", "STARTTLS"),
    ("tls", "TLS"),
]
OF_THE_ROW, PRICES = ("name", "per_second"), ("price", "postage")


class SenderForm(MeanwhileForm, forms.ModelForm):
    """What every sender has. Fields beyond the row's are the messenger's settings; `secret` is sealed."""

    sealed_field: ClassVar[str] = "secret"
    price = forms.DecimalField(
        label=_("Price of a message"), min_value=0, max_value=1_000, max_digits=7, decimal_places=3, required=False,
        help_text=_("In your workspace’s currency, as your contract says. Campaigns add it up."),
    )  # fmt: skip

    class Meta:
        model = Sender
        fields = OF_THE_ROW

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance: Sender = kwargs["instance"]
        kept = {"price": instance.price_milli, "postage": instance.postage_milli}
        stands = instance.settings | {name: Decimal(milli) / 1000 for name, milli in kept.items() if milli}
        kwargs["initial"] = stands | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.secrets, self.meets = (self.sealed_field,), instance.pk is not None
        self.stands = stands | {name: getattr(instance, name) for name in OF_THE_ROW}
        self.fields["price"].label = str(UNITS[unit_of(instance.kind)])

    def clean_per_second(self) -> int:
        """At least one."""
        return max(1, int(self.cleaned_data["per_second"]))

    def save(self, commit: bool = True) -> Sender:
        """Keep the row, its settings and, where one was entered, its secret."""
        sender: Sender = super().save(commit=False)
        ours = (*OF_THE_ROW, *PRICES, self.sealed_field)
        given = {key: value for key, value in self.cleaned_data.items() if key not in ours}
        sender.price_milli = milli_of(self.cleaned_data.get("price"))
        sender.postage_milli = milli_of(self.cleaned_data.get("postage"))
        if {"host", "port"} & set(self.changed_data):
            sender.takes_any_letters = False  # another server: nobody has asked it yet
        sender.settings = msgspec.to_builtins(msgspec.convert(given, settings_class(sender.kind)))
        sender.save()
        if self.cleaned_data.get(self.sealed_field):
            keep_secret(sender, self.cleaned_data[self.sealed_field])
        wake_sender(sender)
        free_urgent(sender)
        sender_saved.tell(sender=sender)
        return sender


class SmtpSenderForm(SenderForm):
    """Email by SMTP. An empty password keeps the one that is there."""

    sealed_field = "password"
    from_name = forms.CharField(label=_("Sender's name"), max_length=120)
    from_email = forms.EmailField(label=_("Sender's address"))
    reply_to = forms.EmailField(label=_("Answers go to"), required=False)
    host = forms.CharField(label=_("Host"), max_length=200)
    port = forms.IntegerField(label=_("Port"), initial=587)
    security = forms.ChoiceField(label=_("Encryption"), choices=SECURITY, initial="starttls")
    username = forms.CharField(label=_("User name"), max_length=200, required=False)
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Kept sealed. Leave it empty to keep the one that is there."),
    )
    return_path_domain = forms.CharField(
        label=_("Domain for returned mail"),
        max_length=200,
        required=False,
        help_text=_("Returned emails go to this domain, with the reader's number in the address."),
    )
    reports_to = forms.EmailField(
        label=_("Address for DMARC reports"),
        required=False,
        help_text=_("Of a mailbox that is connected here, best at the sender’s own domain: its reports are then read."),
    )
    connections = forms.IntegerField(
        label=_("Connections at once"),
        initial=4,
        min_value=1,
        max_value=20,
        required=False,
    )
    field_order = (
        "name", "from_name", "from_email", "reply_to", "host", "port", "security", "username", "password",
        "return_path_domain", "reports_to", "per_second", "connections",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = _(
            "Of each sending slot; at most %(slots)d are in use at once. If the server wants fewer, it gets fewer."
        )
        self.fields["connections"].help_text = said % {"slots": settings.ECRM_SENDER_SLOTS}

    def clean_connections(self) -> int:
        """Four, where nobody says."""
        return int(self.cleaned_data["connections"] or 4)

    def clean_port(self) -> int:
        """A port of TCP."""
        port: int = self.cleaned_data["port"]
        if not 0 < port < 65536:
            raise forms.ValidationError(_("A port lies between 1 and 65535."))
        return port

    def clean(self) -> dict[str, Any]:
        """A server that we may ever connect to. One that nobody knows yet may be kept: the test says so."""
        facts = super().clean() or self.cleaned_data
        if facts.get("host") and facts.get("port"):
            try:
                find_addresses(facts["host"], facts["port"], ports=MAIL_PORTS, seconds=2)
            except UnsafeAddressError as error:
                words = _("We do not connect to this server: %(why)s.")
                self.add_error("host", forms.ValidationError(words, params={"why": str(error)}))
            except NotReachedError:
                pass
        return facts

    def clean_from_name(self) -> str:
        """A name that can stand in a header."""
        name: str = self.cleaned_data["from_name"]
        if any(one in name for one in "\r\n\0"):
            raise forms.ValidationError(_("A name is one line."))
        return name


class FolderSenderForm(SenderForm):
    """Emails that become files here."""

    from_name = forms.CharField(label=_("Sender's name"), max_length=120)
    from_email = forms.EmailField(label=_("Sender's address"))
    reply_to = forms.EmailField(label=_("Answers go to"), required=False)
    field_order = ("name", "from_name", "from_email", "reply_to", "per_second")

    def clean_from_name(self) -> str:
        """A name that can stand in a header."""
        return to_line(self.cleaned_data["from_name"], 120)


class WebhookSenderForm(SenderForm):
    """A webhook of the workspace's own. An empty secret keeps the one that is there."""

    url = forms.URLField(label=_("Address"), max_length=500, assume_scheme="https")
    channel = forms.ChoiceField(
        label=_("Carried on by"),
        choices=[(one.name.lower(), one.label) for one in (Channel.MOBILE, Channel.EMAIL, Channel.SOCIAL)],
        help_text=_("Which address of a person it goes to, and which consent counts."),
    )
    secret = forms.CharField(
        label=_("Secret"),
        required=False,
        help_text=_("whsec_ and base64, as Standard Webhooks says. Leave it empty to keep the one that is there."),
    )
    field_order = ("name", "url", "channel", "secret", "per_second")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.sealed_secret:
            self.initial.setdefault("secret", new_secret())
            self.fields["secret"].required = True

    def clean_url(self) -> str:
        """An address that we may connect to."""
        url: str = self.cleaned_data["url"]
        try:
            check_url(url)
        except (UnsafeAddressError, FetchFailedError) as error:
            raise forms.ValidationError(
                _("We cannot use this address: %(why)s."), params={"why": str(error)}
            ) from error
        return url

    def clean_secret(self) -> str:
        """A secret that signs."""
        secret: str = self.cleaned_data["secret"]
        try:
            sign(secret, "test", 0, b"")
        except BadSecretError as error:
            raise forms.ValidationError(_("A secret is whsec_ and base64.")) from error
        return secret


def settings_class(kind: str) -> type[msgspec.Struct]:
    """The settings of a messenger, by its kind."""
    messenger: type[Messenger] = house.messengers[kind]  # type: ignore[assignment]
    return messenger.Settings


def form_of(kind: str) -> type[SenderForm]:
    """The form of a messenger's senders, by its kind; KeyError for one that nobody offers."""
    messenger: type[Messenger] = house.messengers[kind]  # type: ignore[assignment]
    found: type[SenderForm] = import_string(messenger.form)
    return found


class EmailForm(forms.Form):
    """An email to one person. The key is made with the form, so that sending it twice is one email."""

    subject = forms.CharField(label=_("Subject"), max_length=150)
    text = forms.CharField(label=_("Text"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 8}))
    attached = FilesField(label=_("Files"), required=False, help_text=_("Up to five, 5 MB each, 10 MB together."))
    key = forms.UUIDField(widget=forms.HiddenInput)

    def clean_subject(self) -> str:
        return " ".join(str(self.cleaned_data["subject"]).split())


class TemplateForm(MeanwhileForm):
    """What a transactional email says, and an example of the data that comes with each."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("The API sends it by this name, so choose one that stays.")
    )
    sender = forms.ModelChoiceField(Sender.objects.none(), label=_("Sender"), required=False)
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    preheader = forms.CharField(label=_("Preview line"), max_length=200, required=False)
    body_format = forms.ChoiceField(label=_("Written in"), choices=HAND_WRITTEN, initial=Content.Format.MARKDOWN)
    body = forms.CharField(
        label=_("Email"), required=False, widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "true"})
    )
    example = forms.CharField(
        label=_("Example of the data"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono"}),
        help_text=_("JSON as the API sends it, such as {“order”: “A-17”}. The email reads it as data.order."),
    )

    def __init__(self, *args: Any, template: TransactionalTemplate | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = facts_of(template) if template else {}
        super().__init__(*args, **kwargs)
        self.meets = template is not None
        self.fields["sender"].queryset = Sender.objects.all()  # type: ignore[attr-defined]
        if template is not None and template.draft.content.blocks:  # they are written in their editor
            del self.fields["body_format"], self.fields["body"]
        if template is None and (usual := find_sender()) is not None:
            self.initial["sender"] = usual.pk

    def clean_name(self) -> str:
        """One line."""
        return to_line(self.cleaned_data["name"], 80)

    def clean_subject(self) -> str:
        """A subject is one line that can be read."""
        subject: str = self.cleaned_data["subject"]
        try:
            parse(subject, escapes=False)
            encode_words(subject)
        except (BadTemplateError, BadHeaderError) as error:
            raise forms.ValidationError(str(error)) from error
        return subject

    def clean_example(self) -> dict[str, Any]:
        """An object in JSON, as large as the API takes it."""
        try:
            found = read_json(self.cleaned_data["example"].strip() or "{}")
        except BadJsonError as error:
            raise forms.ValidationError(_("This is no JSON: %(why)s") % {"why": error}) from error
        if not isinstance(found, dict):
            raise forms.ValidationError(_("The data are an object: {“name”: value}."))
        return found
