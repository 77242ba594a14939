"""New passwords, tokens and keys for a connection that is there already: its form, without what is known."""

from copy import deepcopy
from typing import Any

from django import forms

from conversations.models import Connection
from social.forms import ConnectForm


class AgainForm(forms.Form):
    """The secret fields of a network's form. The whole form judges them, filled with what the connection knows."""

    def __init__(self, *args: Any, connection: Connection, kind: type[ConnectForm], **facts: Any) -> None:
        super().__init__(*args, **facts)
        self.connection, self.kind = connection, kind
        for name in kind.secret_fields:
            self.fields[name] = deepcopy(kind.base_fields[name])

    def clean(self) -> dict[str, Any]:
        """Where the network can be asked, it lets us in with these, as the same account."""
        given = super().clean() or self.cleaned_data
        if self.errors:
            return given
        known = {**self.connection.settings, "name": self.connection.name, "url": self.connection.url}
        self.whole = self.kind({**known, **given})
        for name, errors in self.whole.errors.items():
            self.add_error(name if name in self.fields else None, list(errors))
        if not self.errors and (words := self.whole.stranger(self.connection)):
            self.add_error(None, words)
        return given

    def facts(self) -> dict[str, Any]:
        """What `sign_in_again` is told; where the account is stays as it was."""
        found = self.whole.facts()
        return {"secrets": found.get("secrets") or [found["password"]], "settings": {}}


def again_form(network: Any, connection: Connection, *args: Any) -> Any:
    """The form for this connection's new secrets, filled with `args`; None where its network needs none."""
    prefix = f"again-{connection.pk}"
    if own := getattr(network, "again_form", None):
        return own(*args, connection=connection, prefix=prefix)
    kind: type[ConnectForm] | None = getattr(network, "form", None)
    if kind is None or not kind.secret_fields:
        return None
    return AgainForm(*args, connection=connection, kind=kind, prefix=prefix)
