"""What is asked for to connect a mailbox."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib.connections.imap import PORTS
from lib.connections.outgoing import NotReachedError, UnsafeAddressError, find_addresses
from social.forms import ConnectForm
from social.networks.mail_large import MOST_MB, USUAL_MB


class MailForm(ConnectForm):
    """A mailbox that is read by IMAP."""

    secret_fields = ("password",)

    address = forms.EmailField(label=gettext_lazy("Address"), max_length=254)
    host = forms.CharField(label=gettext_lazy("IMAP server"), max_length=200)
    port = forms.IntegerField(label=gettext_lazy("Port"), initial=993)
    security = forms.ChoiceField(
        label=gettext_lazy("Encryption"),
        choices=[("tls", "TLS"), ("none", gettext_lazy("None (only inside your own network)"))],
    )
    username = forms.CharField(label=gettext_lazy("User name"), max_length=200)
    password = forms.CharField(
        label=gettext_lazy("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    folder = forms.CharField(label=gettext_lazy("Folder"), max_length=120, initial="INBOX")
    results_by = forms.CharField(
        label=gettext_lazy("Server that checks senders"),
        max_length=200,
        required=False,
        help_text=gettext_lazy(
            "The first word of “Authentication-Results” in an email that arrived there, such as mx.google.com. Without it "
            "nobody is linked to a contact by themselves, for a sender’s name can be forged."
        ),
    )
    files_mb = forms.IntegerField(
        label=gettext_lazy("Files kept of one email, in MB"),
        min_value=0,
        max_value=MOST_MB,
        initial=USUAL_MB,
        required=False,
        help_text=gettext_lazy(
            "All files of an email together; 25 is what large providers take. They lie in the database and its backups. "
            "What is larger is named in the inbox, and stays in the mailbox. 0: none is kept."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """A server that we may ever connect to."""
        facts = super().clean() or self.cleaned_data
        port = facts.get("port") or 0
        if not 0 < port < 65536:
            self.add_error("port", _("A port lies between 1 and 65535."))
        elif facts.get("host"):
            try:
                find_addresses(facts["host"], port, ports=PORTS, seconds=2)
            except UnsafeAddressError as error:
                words = _("We do not connect to this server: %(why)s.")
                self.add_error("host", forms.ValidationError(words, params={"why": str(error)}))
            except NotReachedError:
                pass
        return facts

    def facts(self) -> dict[str, Any]:
        own = ("address", "host", "port", "security", "username", "folder", "results_by")
        settings = {name: self.cleaned_data[name] for name in own}
        files_mb = self.cleaned_data.get("files_mb")
        settings["files_mb"] = USUAL_MB if files_mb is None else files_mb
        password = self.cleaned_data["password"]
        return {"name": self.cleaned_data["name"], "settings": settings, "is_public": False, "password": password}
