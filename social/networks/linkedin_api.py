"""Asking LinkedIn's Community Management API for one company page: versions, addresses made of URNs, refusals in words."""

from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from conversations.channels import ChannelError
from conversations.models import Connection
from lib.clock import now
from social.networks.asking import Said, ask, why
from social.networks.oauth_client import OAuthClient, kept_until
from social.secrets import brought_secrets

API = "https://api.linkedin.com/rest"
TOKENS = "https://www.linkedin.com/oauth/v2/accessToken"
VERSION = "202601"  # the one that this was written for
PUBLISHED = timedelta(days=92)  # a version appears each month and lives for a year
WARNED = timedelta(days=10)
NAMES = "(elements*(*,actor~(localizedFirstName,localizedLastName,localizedName)),paging)"


class LinkedInClient(OAuthClient):
    """The way to the API. A token lasts 60 days; where the app was given a refresh token, it is renewed by itself."""

    who: ClassVar[str] = "LinkedIn"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.api = str(connection.settings.get("api") or API)
        self.version = str(connection.settings.get("version") or version_of_today())

    def headers(self) -> dict[str, str]:
        return {"LinkedIn-Version": self.version, "X-Restli-Protocol-Version": "2.0.0"}

    def ask_token(self, client: str, secret: str, refresh: str) -> Said:
        if not refresh:
            words = _("The access token of LinkedIn has ended, after 60 days. Enter a new one.")
            raise ChannelError(words, again=False)
        form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": client, "client_secret": secret}
        return ask(str(self.connection.settings.get("tokens") or TOKENS), method="POST", form=form)

    def get(self, path: str, **params: Any) -> Said:
        """What LinkedIn says. ChannelError in words for anything but that."""
        said = self.look(path, **params)
        if not said.is_good:
            raise refused(said)
        return said

    def look(self, path: str, **params: Any) -> Said:
        """What LinkedIn says, refusals too. A value that begins with List( or ( is written as it stands, as Rest.li wants it."""
        plain = {name: value for name, value in params.items() if not _is_ready(value)}
        ready = [f"{name}={value}" for name, value in params.items() if _is_ready(value)]
        query = "&".join(filter(None, [urlencode(plain), *ready]))
        return self.ask(f"{self.api}/{path}" + (f"?{query}" if query else ""))

    def post(self, path: str, body: dict[str, Any]) -> Said:
        """What LinkedIn made of it, or why not."""
        return self.ask(f"{self.api}/{path}", method="POST", body=body)

    def ends_in(self) -> timedelta | None:
        """How long the token lasts, where nothing renews it and it ends soon; None else."""
        held = [*brought_secrets(self.connection), "", "", "", ""]
        until = kept_until(held[3])
        left = timedelta(seconds=until - now().timestamp()) if until and not held[2] else None
        return left if left is not None and left < WARNED else None


def version_of_today() -> str:
    """The version to ask for: ours, and once that grows old, one that has been there for three months."""
    return max(VERSION, f"{now() - PUBLISHED:%Y%m}")


def urn_path(urn: str) -> str:
    """A URN as a part of an address: colons, brackets and commas are written out."""
    return quote(urn, safe="")


def urn_list(urns: list[str]) -> str:
    """URNs as a parameter of Rest.li 2.0."""
    return "List(" + ",".join(map(urn_path, urns)) + ")"


def refused(said: Said) -> ChannelError:
    """What a refusal means. A version that has ended, and a right that is missing, mend nothing by asking again."""
    words = why(said, "message")
    if said.status == 426 or "version" in words.lower():
        text = _("LinkedIn has ended the version of its API that we speak (%(why)s). Update eCRM.")
        return ChannelError(text % {"why": words}, again=False)
    if said.status == 403:
        text = _("LinkedIn does not allow this to your app, or to who connected it (403: %(why)s).")
        return ChannelError(text % {"why": words}, again=False)
    return ChannelError(_("LinkedIn says: %(why)s") % {"why": words}, again=said.status not in {400, 404})


def _is_ready(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("List(", "("))
