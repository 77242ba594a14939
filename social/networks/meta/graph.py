"""What Meta's networks share: signed deliveries, the question by which an address is proven, answers by the Graph API.

The secrets brought are [app secret, access token]; the one made here is the verify token that is entered at Meta. The
Graph API knows no ids of ours: before another attempt it is asked what stands there already.
"""

import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from conversations.channels import Capabilities, ChannelError, Heard, Outbox
from conversations.models import Connection
from lib.bisecting import reason_of
from lib.foreign.foreign_json import BadJsonError, read_what_can_be
from lib.sealing import SealBrokenError
from social.forms import ConnectForm
from social.networks.asking import Said, ask, why
from social.networks.protocol import BadBodyError, Challenge, Listener, Parsed, Refused
from social.networks.shapes import list_at, moment_at, number_at, text_at, tree_at
from social.networks.signing import check_sha256
from social.secrets import brought_secrets, made_secrets

SIGNATURE = "X-Hub-Signature-256"
TOO_MANY, SIGNED_OUT, PASSING = {4, 17, 32, 341, 613, 80001, 80002, 80006}, {102, 190}, {1, 2}
WAIT = 900
SKEW = timedelta(minutes=5)


class RefusedError(ChannelError):
    """The Graph API does not take it, and will not another time. `code` is its own number for why, None where it says none."""

    def __init__(self, text: str, said: Said) -> None:
        super().__init__(text, again=False)
        self.status, self.code = said.status, number_at(said.tree, "error", "code")
        self.why = why(said, "error", "message")


class MetaForm(ConnectForm):
    """An app of the workspace's own at Meta, and the account for which it speaks."""

    secret_fields = ("app_secret", "token")

    account = forms.RegexField(r"^\s*\d{1,30}\s*$", label=_("Account or page id"), max_length=40)
    app_secret = forms.CharField(
        label=_("App secret"), max_length=200, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    token = forms.CharField(
        label=_("Access token"), max_length=1_000, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        settings = {"account": given["account"].strip()}
        secrets = [given["app_secret"].strip(), given["token"].strip()]
        return {"name": given["name"], "settings": settings, "is_public": True, "secrets": secrets}


class MetaNetwork(Listener):
    """One account at one of Meta's networks: each says what its deliveries hold and where answers go."""

    form = MetaForm
    vouches: ClassVar[bool] = True
    needs_keys: ClassVar[bool] = True
    endpoint: ClassVar[str] = "https://graph.facebook.com/v23.0"

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.account = str(connection.settings.get("account", ""))

    def capabilities(self) -> Capabilities:
        return Capabilities(receives=True, replies=True)

    def challenge(self, params: Mapping[str, str]) -> Challenge | None:
        given, asked = params.get("hub.verify_token", ""), params.get("hub.challenge", "")
        is_ours = any(hmac.compare_digest(one.encode(), given.encode()) for one in made_secrets(self.connection))
        if params.get("hub.mode") != "subscribe" or not is_ours or not asked.isalnum() or len(asked) > 200:
            return None
        return Challenge(asked)

    def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> None:
        check_sha256(brought_secrets(self.connection)[:1], raw_body, headers.get(SIGNATURE, ""))

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> Parsed:
        try:
            tree = read_what_can_be(raw_body)
        except BadJsonError as error:
            raise BadBodyError(str(error)) from error
        good, refused = list[Heard](), list[Refused]()
        for place, (read, value) in enumerate(self.values(tree)):
            try:
                good += read(value)
            except Exception as error:  # noqa: BLE001 - one value never stops the others
                refused.append(Refused(place, reason_of(error), str(value)[:300], text_at(value, "message")))
        return Parsed(good, refused)

    def values(self, tree: Any) -> Iterator[tuple[Callable[[Any], list[Heard]], Any]]:
        """What a delivery holds, each with what reads it."""
        raise NotImplementedError

    def ask(self, path: str, *, method: str = "GET", **what: Any) -> Said:
        """Ask the Graph API. ChannelError where it refuses, in words: RefusedError where it is about what was asked."""
        try:
            token = [*brought_secrets(self.connection), "", ""][1]
        except SealBrokenError as error:
            raise ChannelError(
                _now("The access token cannot be opened any more. Enter it again."), again=False
            ) from error
        where = str(self.connection.settings.get("endpoint") or self.endpoint)
        said = ask(f"{where}/{path}", method=method, headers={"Authorization": f"Bearer {token}"}, **what)
        if said.is_good:
            return said
        code, words = number_at(said.tree, "error", "code"), why(said, "error", "message")
        if code in SIGNED_OUT or said.status == 401:
            raise ChannelError(_now("Meta does not accept the access token any more. Enter a new one."), again=False)
        if code in TOO_MANY:
            raise ChannelError(_now("It asked us to wait: too many requests."), wait=WAIT)
        if code in PASSING:
            raise ChannelError(words)
        raise RefusedError(_now("Meta does not take it: %(why)s") % {"why": words}, said)

    def made(self, path: str, form: Mapping[str, Any], *, id_name: str = "id") -> str:
        """Make something there and return its id. ChannelError."""
        id_ = text_at(self.ask(path, method="POST", form=form).tree, id_name)
        if not id_:
            raise ChannelError(_now("It answered with something else than we asked for."))
        return id_

    def found(self, row: Outbox, path: str, fields: str, is_ours: Callable[[Any], bool], text: str) -> str:
        """The id of this answer where it stands at `path` already, "" where not or at the first attempt. ChannelError."""
        if row.attempt <= 1:
            return ""
        for one in list_at(self.ask(path, params={"fields": fields, "limit": 50}).tree, "data"):
            moment = moment_at(one, "created_time") or moment_at(one, "timestamp")
            is_old = moment is not None and row.created_at is not None and moment < row.created_at - SKEW
            if is_ours(one) and not is_old and text_at(one, text).split() == row.text.split():
                return text_at(one, "id")
        return ""


def changes_in(tree: Any, account: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """(entry, change) of what a delivery says of this account; where an entry is its own change, as some write it, that."""
    for entry in _entries(tree, account):
        for change in list_at(entry, "changes") or ([entry] if text_at(entry, "field") else []):
            yield entry, tree_at({"one": change}, "one")


def messages_in(tree: Any, account: str) -> Sequence[Any]:
    """The private messages of a delivery to this account."""
    return [one for entry in _entries(tree, account) for one in list_at(entry, "messaging")]


def _entries(tree: Any, account: str) -> Sequence[Any]:
    """An app delivers what happens at all its pages to one address."""
    return [one for one in list_at(tree, "entry") if text_at(one, "id") in {account, ""}]
