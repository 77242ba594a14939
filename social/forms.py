"""What the forms of every network share; each network's own stands with its class."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.models import Connection
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import FetchFailedError, check_url


class ConnectForm(forms.Form):
    """A new connection. Fields are those of Connection that the network needs.

    `secret_fields` are those that are sealed, and entered anew when the network does not take them any more.
    """

    secret_fields: ClassVar[tuple[str, ...]] = ()

    name = forms.CharField(label=_("Name"), max_length=120)

    def is_asked_there(self) -> bool:
        """Whether the valid form is not enough: their server asks the person first (views/allowing.py)."""
        return False

    def facts(self) -> dict[str, Any]:
        """What `connect` is told."""
        return dict(self.cleaned_data)

    def stranger(self, connection: Connection) -> str:
        """In words, why what the valid form lets in is another account than this connection's; "" where it is the same."""
        return ""


def check_reachable(url: str) -> str:
    """The address, if we may ever connect to it; ValidationError in plain words otherwise."""
    if url:
        try:
            check_url(url)
        except UnsafeAddressError as error:
            raise forms.ValidationError(
                _("We cannot use this address: %(why)s."), params={"why": str(error)}
            ) from error
        except FetchFailedError as error:
            raise forms.ValidationError(
                _("Nobody answers at this address: %(why)s."), params={"why": str(error)}
            ) from error
    return url
