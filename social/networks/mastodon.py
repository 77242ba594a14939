"""Mastodon and the servers that speak its API: Takahe, GoToSocial, Pixelfed, Akkoma.

Mentions come in by asking for notifications behind a cursor (mastodon_polling.py); an answer is one post, or up to four in
a chain, and stands there once however often its worker dies (mastodon_writing.py).
"""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.channels import Capabilities, ChannelError, Heard, Outbox
from conversations.models import Connection, Mention
from lib.clock import now
from lib.connections.held_lines import HeldLine, open_events
from lib.sealing import SealBrokenError
from social.forms import ConnectForm
from social.host_budget import BudgetSpentError
from social.networks.mastodon_api import AnswerError, Api
from social.networks.mastodon_finding import finds_of
from social.networks.mastodon_pictures import MOST_PICTURES, uploaded
from social.networks.mastodon_polling import Look, as_it_stands, find_parents, look_at, read_again
from social.networks.mastodon_probing import CANNOT, USUAL_LONGEST, probe, sign_in
from social.networks.mastodon_reading import Us
from social.networks.mastodon_writing import MOST_POSTS, Measure, posts_of, standing_answers, stands, status_of
from social.networks.protocol import Listener, Page
from social.secrets import secrets_of

EVERY_SECONDS = (30.0, 60.0)
PROBED_EVERY = timedelta(days=1)
FIRST_SENDING = timedelta(minutes=1)  # later than that, somebody may have tried before


class MastodonForm(ConnectForm):
    """An account on a server of the Mastodon family. A token is tried before anything is kept; without one the server asks."""

    server = forms.CharField(
        label=gettext_lazy("Server"), max_length=200, widget=forms.TextInput(attrs={"placeholder": "mastodon.social"})
    )
    token = forms.CharField(
        label=gettext_lazy("Access token"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "Leave it empty, and your server asks you whether we may read and answer. Or paste one: Preferences, "
            "Development, New application, with the rights read, write:statuses, write:favourites and write:media."
        ),
    )

    def clean_server(self) -> str:
        return server_of(self.cleaned_data["server"])

    def clean(self) -> dict[str, Any]:
        """Sign in there once: the token is good, and it is such a server."""
        facts = super().clean() or self.cleaned_data
        if facts.get("server") and facts.get("token"):
            try:
                facts["account"], facts["health"] = sign_in(facts["server"], facts["token"].strip())
            except ChannelError as error:
                is_token = isinstance(error, AnswerError) and error.status in {401, 403}
                self.add_error("token" if is_token else "server", str(error))
        return facts

    def is_asked_there(self) -> bool:
        return not self.cleaned_data["token"]

    def facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "name": given["name"],
            "url": given["server"],
            "settings": given["account"],
            "health": given["health"],
            "is_public": True,
            "password": given["token"].strip(),
        }


class SignInAgainForm(forms.Form):
    """A new token for an account that is connected already."""

    token = forms.CharField(
        label=gettext_lazy("New access token"),
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, connection: Connection, **facts: Any) -> None:
        super().__init__(*args, **facts)
        self.connection = connection

    def clean(self) -> dict[str, Any]:
        """The token is good, and of the same account: another one's mentions are another connection."""
        facts = super().clean() or self.cleaned_data
        if facts.get("token"):
            try:
                facts["account"], facts["health"] = sign_in(self.connection.url, facts["token"].strip())
            except ChannelError as error:
                self.add_error("token", str(error))
                return facts
            if facts["account"]["account_id"] != str(self.connection.settings.get("account_id", "")):
                words = _("This token is of @%(acct)s. Add that account as a connection of its own.")
                self.add_error("token", words % {"acct": facts["account"]["acct"]})
        return facts

    def facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"secrets": [given["token"].strip()], "settings": given["account"], "health": given["health"]}


class Mastodon(Listener):
    """One account on one server, which proves who wrote."""

    key: ClassVar[str] = "mastodon"
    label = gettext_lazy("Mastodon")
    icon: ClassVar[str] = "brand-mastodon"
    vouches: ClassVar[bool] = True
    finds_followed: ClassVar[tuple[int, timedelta]] = (3, timedelta())  # each costs a request
    says = gettext_lazy(
        "Mentions and private messages on any server of the Fediverse: Mastodon, GoToSocial, Pixelfed, Akkoma, Takahe. "
        "Answers go out in kind: what was private stays private."
    )
    form = MastodonForm
    again_form = SignInAgainForm

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        given = connection.settings
        domain = str(given.get("domain") or urlsplit(connection.url).netloc)
        self.us = Us(str(given.get("account_id", "")), domain)

    def capabilities(self) -> Capabilities:
        told = self._told()
        return Capabilities(
            polls=True,
            streams=bool(told.get("stream_url")),
            replies=True,
            media=min(int(told.get("most_pictures") or MOST_PICTURES), MOST_PICTURES),
            likes=True,
            narrows=True,
            longest=int(told.get("longest") or USUAL_LONGEST),
            posts=MOST_POSTS,
            finds=("hashtag", "words") if told.get("searches") is True else ("hashtag",),
            cannot=[str(CANNOT[one]) for one in told.get("cannot") or () if one in CANNOT],
        )

    def poll(self, cursor: Mapping[str, Any]) -> Page:
        """What is new, or at first what is old; then a few open ones as they stand there now."""
        api, told = self._api(), self._told()
        if _is_old(told.get("probed_at"), PROBED_EVERY):
            told |= probe(api)
        try:
            look = look_at(api, self.us, cursor)
        except BudgetSpentError as error:
            wait = timedelta(seconds=error.wait)
            return Page(cursor=cursor, note=str(error), is_silent=True, next_at=now() + wait)
        lag = _lag(look)
        if not look.is_silent:
            find_parents(api, self.us, self.connection, look)
        if not look.has_more and not look.is_silent:
            read_again(api, self.us, self.connection, look)
        told |= {"quota": api.quota} | ({} if lag is None else {"lag_seconds": lag})
        pause = 0.0 if look.has_more else random.uniform(*EVERY_SECONDS)  # noqa: S311 - jitter
        return Page(
            items=look.items,
            refused=look.refused,
            is_silent=look.is_silent,
            cursor=look.cursor,
            next_at=now() + timedelta(seconds=pause),
            health=told,
        )

    def open_stream(self) -> HeldLine:
        """A line on which the server says that we were notified of something. LineRefusedError, OSError."""
        base = str(self._told().get("stream_url") or "")
        headers = {"Authorization": f"Bearer {self._api().token}"}
        return open_events(f"{base}/api/v1/streaming/user/notification", headers)

    def find(self, kind: str, query: str, cursor: Mapping[str, Any]) -> Page:
        """What stands there of a hashtag or words, newest first. Counts in the budget of its host. ChannelError."""
        walk = finds_of(self._api(), self.us, kind, query, cursor)
        walk.go()
        return walk.page

    def look_again(self, found: Sequence[Mention]) -> list[Heard]:
        """One request each. ChannelError."""
        api, us = self._api(), self.us
        return [heard for one in found for heard in as_it_stands(api, us, one)]

    def reply(self, row: Outbox) -> str:
        """Post the answer, in as many posts as it needs, and return the id of the last one.

        Not every server heeds Idempotency-Key. So whenever an earlier attempt may have come through, our own posts are read
        first, and what stands there is not posted again.
        """
        api, told = self._api(is_answer=True), self._told()
        measure = Measure(int(told.get("longest") or USUAL_LONGEST), int(told.get("letters_of_link") or 0))
        texts = posts_of(row, self.us, measure)
        standing = standing_answers(api, self.us, row) if _may_stand(row) else []
        parent = row.mention_id
        for number, text in enumerate(texts, start=1):
            parent = stands(text, parent, standing) or self._post(api, row, text, parent, number)
        return parent

    def like(self, row: Outbox) -> str:
        """Favour what `row` names; doing it again changes nothing. ChannelError."""
        try:
            self._api(is_answer=True).post(f"/api/v1/statuses/{row.mention_id}/favourite")
        except AnswerError as error:
            raise _as_gone(error) from error
        return ""

    def _post(self, api: Api, row: Outbox, text: str, parent: str, number: int) -> str:
        key, told = row.key if number == 1 else f"{row.key}-{number}", status_of(row, text, parent)
        if number == 1 and row.pictures:
            told["media_ids"] = uploaded(api, self.connection, row.pictures)
        try:
            made = api.post("/api/v1/statuses", told, key=key).tree()
        except AnswerError as error:
            raise _as_gone(error) from error
        return str(made.get("id") or "")[:64]

    def _api(self, *, is_answer: bool = False) -> Api:
        try:
            token = next(iter(secrets_of(self.connection)), "")
        except SealBrokenError as error:
            raise ChannelError(_("The token cannot be opened any more. Sign in again."), again=False) from error
        return Api(self.connection.url.rstrip("/"), token, is_answer=is_answer)

    def _told(self) -> dict[str, Any]:
        return dict(self.connection.health) if isinstance(self.connection.health, dict) else {}


def server_of(text: str) -> str:
    """`https://host` of what people type: a name, an address, @us@host. ValidationError for what is none.

    Without encryption everybody on the way would read the token, so http stays for this machine alone.
    """
    said = text.strip().rstrip("/").rpartition("@")[2] if "@" in text and "//" not in text else text.strip()
    try:
        parts = urlsplit(said if "//" in said else f"https://{said}")
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise forms.ValidationError(_("This is no server.")) from error
    is_own = host in {"127.0.0.1", "localhost"}
    if not host or any(one.isspace() for one in host) or ("." not in host and not is_own):
        raise forms.ValidationError(_("This is no server."))
    scheme = "http" if is_own and parts.scheme == "http" else "https"
    return f"{scheme}://{host}{f':{port}' if port else ''}"


def _may_stand(row: Outbox) -> bool:
    """Whether an earlier attempt may have come through; one tried again by hand begins to count anew."""
    return row.attempt > 1 or row.created_at is None or row.created_at < now() - FIRST_SENDING


def _as_gone(error: AnswerError) -> ChannelError:
    """What a refusal of a post means: it is gone, they do not want us to answer, or the server does not take it so."""
    if error.is_gone:
        words = _("What this answers was deleted there, or who wrote it does not let us see it any more.")
        return ChannelError(words, again=False)
    if error.status in {400, 413, 422}:
        return ChannelError(str(error), again=False)
    return error


def _is_old(said: Any, age: timedelta) -> bool:
    try:
        moment = parse_datetime(said) if isinstance(said, str) else None
    except ValueError:
        moment = None
    return moment is None or moment.tzinfo is None or moment < now() - age


def _lag(look: Look) -> int | None:
    """Seconds from a post to us, as this look saw it; None where it brought nothing new."""
    moments: list[datetime] = [one.published_at for one in look.items if one.published_at.tzinfo is not None]
    if look.is_silent or not moments:
        return None
    return max(0, round(median((now() - one).total_seconds() for one in moments)))
