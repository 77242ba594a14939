"""Signing in on a server of the Mastodon family without a token at hand: OAuth 2 with PKCE (RFC 7636).

Each time we make ourselves known to the server anew, so nothing of it is kept but the token.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from conversations.channels import ChannelError
from social.networks.mastodon_api import Api

SCOPES = "read write:statuses write:favourites write:media"
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What we asked a server for, kept in the session of who asked until they come back."""

    name: str
    server: str
    client_id: str
    client_secret: str
    verifier: str
    state: str

    def to_session(self) -> dict[str, str]:
        """As a session keeps it."""
        return asdict(self)


def asked_of(kept: Any) -> Asked | None:
    """What a session kept, or None."""
    names = set(Asked.__slots__)
    if not isinstance(kept, Mapping) or set(kept) != names or not all(isinstance(one, str) for one in kept.values()):
        return None
    return Asked(**kept)


def ask(server: str, name: str, *, callback: str) -> tuple[Asked, str]:
    """Make ourselves known to the server; returns what to keep, and its page where a person allows us. ChannelError."""
    told = Api(server).post(
        "/api/v1/apps", {"client_name": "eCRM", "redirect_uris": callback, "scopes": SCOPES}
    ).tree()  # fmt: skip
    id_, secret = told.get("client_id"), told.get("client_secret")
    if not isinstance(id_, str) or not isinstance(secret, str) or not 0 < len(id_) <= LONGEST >= len(secret):
        raise ChannelError(_("This server does not let programs sign in. Paste an access token instead."))
    asked = Asked(name, server, id_, secret, secrets.token_urlsafe(48), secrets.token_urlsafe(32))
    query = {
        "response_type": "code",
        "client_id": id_,
        "redirect_uri": callback,
        "scope": SCOPES,
        "state": asked.state,
        "code_challenge": _challenge(asked.verifier),
        "code_challenge_method": "S256",
    }
    return asked, f"{server}/oauth/authorize?{urlencode(query)}"


def is_ours(asked: Asked, state: str) -> bool:
    """Whether somebody comes back from where this session sent them, and not from an address that a stranger made."""
    return hmac.compare_digest(asked.state.encode(), state.encode("utf-8", "replace"))


def token_for(asked: Asked, code: str, *, callback: str) -> str:
    """The token that this code is good for, once. ChannelError."""
    told = Api(asked.server).post(
        "/oauth/token",
        {
            "grant_type": "authorization_code",
            "code": code[:LONGEST],
            "client_id": asked.client_id,
            "client_secret": asked.client_secret,
            "redirect_uri": callback,
            "code_verifier": asked.verifier,
            "scope": SCOPES,
        },
    ).tree()  # fmt: skip
    token = told.get("access_token")
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST or not token.isascii():
        raise ChannelError(_("The server gave us no token. Try again, or paste one."))
    return token


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
