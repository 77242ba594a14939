"""An API by OAuth, by a client of the workspace's own: an access token for an hour, made of a refresh token, kept sealed.

The secrets brought are [client id, client secret, refresh token, access token with its end], and what a network adds. Some
give a new refresh token with each access token, and the one before is good no more: whoever renews too late takes theirs.
"""

import json
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from conversations.channels import ChannelError
from conversations.models import Connection
from lib.clock import now
from lib.sealing import SealBrokenError
from social.forms import ConnectForm
from social.networks.asking import Said, ask, why
from social.networks.shapes import number_at, text_at
from social.secrets import brought_secrets, keep_secrets, made_secrets
from workspaces.current import working_in
from workspaces.models import Workspace

TOKENS = "https://oauth2.googleapis.com/token"
USED_UP = {"quotaExceeded", "dailyLimitExceeded", "rateLimitExceeded", "userRateLimitExceeded"}
WAIT = 3_600
EARLY = 120  # seconds before its end a token is not used any more


class OAuthForm(ConnectForm):
    """An OAuth client of the workspace's own."""

    secret_fields: ClassVar[tuple[str, ...]] = ("client_id", "client_secret", "refresh_token")

    client_id = forms.CharField(label=_("Client ID"), max_length=200)
    client_secret = forms.CharField(
        label=_("Client secret"), max_length=200, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    refresh_token = forms.CharField(
        label=_("Refresh token"), max_length=600, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def facts(self) -> dict[str, Any]:
        given = {name: value.strip() for name, value in self.cleaned_data.items()}
        secrets = [given.pop("client_id"), given.pop("client_secret"), given.pop("refresh_token")]
        return {"name": given.pop("name"), "settings": given, "is_public": True, "secrets": secrets}


class OAuthClient:
    """One connection's way to an API; `who` is whose. Google's way to ask for a token; others override it."""

    who: ClassVar[str] = "Google"

    def __init__(self, connection: Connection) -> None:
        self.connection, self._token = connection, ""

    def ask(self, url: str, *, method: str = "GET", **what: Any) -> Said:
        """Ask. ChannelError where we are not let in, or the quota is used up; other refusals come back."""
        said = self._once(url, method, what)
        if said.status == 401:
            self._token = self._renewed()
            said = self._once(url, method, what)
        if said.status == 401:
            raise ChannelError(
                _now("%(who)s does not let us in any more. Connect it again.") % {"who": self.who}, again=False
            )
        if said.status == 403 and text_at(said.tree, "error", "errors", 0, "reason") in USED_UP:
            raise ChannelError(_now("The quota of %(who)s is used up for now.") % {"who": self.who}, wait=WAIT)
        return said

    def ask_token(self, client: str, secret: str, refresh: str) -> Said:
        """Ask for an access token. ChannelError."""
        form = {"client_id": client, "client_secret": secret, "refresh_token": refresh, "grant_type": "refresh_token"}
        return ask(str(self.connection.settings.get("tokens") or TOKENS), method="POST", form=form)

    def _once(self, url: str, method: str, what: Any) -> Said:
        self._token = self._token or self._kept() or self._renewed()
        headers = {"Authorization": f"Bearer {self._token}", **self.headers()}
        return ask(url, method=method, headers=headers, **what)

    def headers(self) -> dict[str, str]:
        """What this API wants to be told each time."""
        return {}

    def _secrets(self) -> list[str]:
        try:
            return [*brought_secrets(self.connection), "", "", "", ""]
        except SealBrokenError as error:
            raise ChannelError(_now("Its secrets cannot be opened any more. Connect it again."), again=False) from error

    def _kept(self) -> str:
        return _good_token(self._secrets()[3])

    def _renewed(self) -> str:
        client, secret, refresh, old, *_rest = self._secrets()
        if newer := self._newer_than(old):
            return newer
        said = self.ask_token(client, secret, refresh)
        token = text_at(said.tree, "access_token")
        if not said.is_good or not token:
            if newer := self._newer_than(old):
                return newer
            words = _now("%(who)s does not let us in any more (%(why)s). Connect it again.")
            raise ChannelError(words % {"who": self.who, "why": why(said, "error")}, again=False)
        until = int(now().timestamp()) + (number_at(said.tree, "expires_in") or 300)
        kept = json.dumps({"token": token, "until": until})
        with self._workspace():
            row = Connection.objects.select_for_update().get(pk=self.connection.pk)
            held = brought_secrets(row)
            if held[:3] == [client, secret, refresh]:  # else somebody entered others meanwhile, or renewed it before us
                fresh = text_at(said.tree, "refresh_token") or refresh
                keep_secrets(row, [*made_secrets(row), client, secret, fresh, kept, *held[4:]])
                self.connection.sealed_secret = row.sealed_secret
        return token

    def _newer_than(self, old: str) -> str:
        """The access token that somebody else was given meanwhile; "" where nobody was."""
        with self._workspace():
            held = [*brought_secrets(Connection.objects.get(pk=self.connection.pk)), "", "", "", ""]
        return _good_token(held[3]) if held[3] != old else ""

    def _workspace(self) -> Any:
        return working_in(Workspace.objects.get(pk=int(self.connection.workspace_id or 0)))


def kept_until(kept: str) -> int:
    """The Unix time at which a kept access token ends; 0 where none is kept."""
    return number_at(_opened(kept), "until") or 0


def _good_token(kept: str) -> str:
    """The token in this, unless it ends soon."""
    return text_at(_opened(kept), "token") if kept_until(kept) > now().timestamp() + EARLY else ""


def _opened(kept: str) -> Any:
    try:
        return json.loads(kept or "{}")
    except ValueError:
        return {}


def why_google(said: Said) -> str:
    """What one of Google's APIs says of its refusal."""
    return why(said, "error", "message")
