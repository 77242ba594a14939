"""Asking X: an OAuth 2.0 token of the account's own, and its refusals in words."""

from base64 import b64encode
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from conversations.channels import ChannelError
from conversations.models import Connection
from social.networks.asking import Said, ask, quota_of, why
from social.networks.oauth_client import OAuthClient
from social.networks.shapes import text_at

API = "https://api.x.com/2"
NO_PLAN = {402, 403}


class XClient(OAuthClient):
    """The way to X's API. `quota` is what the last answer said is left."""

    who: ClassVar[str] = "X"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.api, self.quota = str(connection.settings.get("api") or API), dict[str, int]()

    def ask_token(self, client: str, secret: str, refresh: str) -> Said:
        """A public client has no secret, and says its id in the form."""
        basic = {"Authorization": "Basic " + b64encode(f"{client}:{secret}".encode()).decode()} if secret else {}
        form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": client}
        url = str(self.connection.settings.get("tokens") or f"{self.api}/oauth2/token")
        return ask(url, method="POST", headers=basic, form=form)

    def get(self, path: str, **params: Any) -> Said:
        """What X says. ChannelError in words for anything but that."""
        said = self.call("GET", path, params=params)
        if said.is_good:
            return said
        if said.status in NO_PLAN:
            words = _("The plan of your app at X does not allow this (%(status)d: %(why)s).")
            facts = {"status": said.status, "why": why_x(said)}
            raise ChannelError(words % facts, again=False)
        raise ChannelError(_("X says: %(why)s") % {"why": why_x(said)})

    def call(self, method: str, path: str, **what: Any) -> Said:
        """What X says, refusals too. ChannelError where we are not let in, or have to wait."""
        said = self.ask(f"{self.api}/{path}", method=method, **what)
        self.quota = quota_of(said.headers, "x-rate-limit") or self.quota
        return said


def why_x(said: Said) -> str:
    """What X says of its refusal: the details of an error, or of a problem."""
    return text_at(said.tree, "errors", 0, "message")[:200] or why(said, "detail")
