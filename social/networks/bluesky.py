"""Bluesky: mentions, answers and quotes by polling, answers as posts under keys of our own. Any server of its kind."""

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from conversations.channels import Capabilities, ChannelError, Heard, Outbox
from conversations.models import Connection, Mention
from lib.clock import now
from social.forms import ConnectForm, check_reachable
from social.networks import bluesky_writing
from social.networks.bluesky_following import as_they_stand, follow_open
from social.networks.bluesky_pictures import MOST_PICTURES
from social.networks.bluesky_polling import finds_of, news
from social.networks.bluesky_records import LONGEST, POSTS
from social.networks.bluesky_session import SERVICE, Pds, known_did, sign_in
from social.networks.protocol import Listener, Page

SOONEST, LATEST = 30.0, 60.0


class BlueskyForm(ConnectForm):
    """An account, by an app password."""

    secret_fields = ("password",)

    handle = forms.RegexField(
        r"^\s*@?(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*\s*$",
        label=_("Handle"),
        max_length=253,
        widget=forms.TextInput(attrs={"placeholder": "kettle.bsky.social"}),
        error_messages={"invalid": _("A handle reads like kettle.bsky.social.")},
    )
    password = forms.CharField(
        label=_("App password"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Make one in Bluesky: Settings, Privacy and security, App passwords."),
    )
    service = forms.URLField(
        label=_("Server"),
        max_length=200,
        required=False,
        assume_scheme="https",
        help_text=_("Leave it empty, unless the account lives on a server that you want to name yourself."),
    )

    def clean_handle(self) -> str:
        handle: str = self.cleaned_data["handle"]
        return handle.strip().lstrip("@").lower()

    def clean_service(self) -> str:
        return check_reachable(self.cleaned_data["service"].rstrip("/"))

    def clean(self) -> dict[str, Any]:
        """An account that lets us in."""
        facts = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.session = sign_in(facts["handle"], facts["password"], service=facts["service"] or SERVICE)
            except ChannelError as error:
                self.add_error(None if error.again else "password", str(error))
        return facts

    def facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        settings = {"handle": given["handle"], "acct": given["handle"], "service": given["service"] or SERVICE}
        url = f"https://bsky.app/profile/{given['handle']}"
        secrets = [given["password"], self.session.to_text()]
        return {"name": given["name"], "settings": settings, "url": url, "is_public": True, "secrets": secrets}

    def stranger(self, connection: Connection) -> str:
        """A handle may be given to somebody else; an account is its DID."""
        before = known_did(connection)
        if before in {"", self.session.did}:
            return ""
        words = _now("@%(handle)s is another account by now. Add it as a connection of its own.")
        return words % {"handle": self.session.handle}


class Bluesky(Listener):
    """An account on Bluesky. Who wrote is proven by the network: an author is a DID, whatever the handle is today."""

    key: ClassVar[str] = "bluesky"
    label: ClassVar[str] = "Bluesky"
    icon: ClassVar[str] = "brand-bluesky"
    says = _("Mentions, answers and quotes of an account, looked for twice a minute. Answers go out as posts.")
    form = BlueskyForm
    vouches: ClassVar[bool] = True
    finds_followed: ClassVar[tuple[int, timedelta]] = (25, timedelta())  # in one request

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def capabilities(self) -> Capabilities:
        return Capabilities(
            polls=True,
            replies=True,
            media=MOST_PICTURES,
            likes=True,
            longest=LONGEST,
            posts=POSTS,
            finds=("hashtag", "words"),
        )

    def poll(self, cursor: Mapping[str, Any]) -> Page:
        """What came since, and what became of some of the posts that wait for an answer."""
        pds = Pds(self.connection)
        walk = news(pds, cursor)
        walk.go()
        below = cursor.get("followed")
        try:
            followed, below = follow_open(pds, self.connection, below if isinstance(below, int) else 0)
        except ChannelError:
            followed = []  # what is new does not wait for it
        pds.keep_health()
        wait = timedelta(seconds=0 if walk.more else random.uniform(SOONEST, LATEST))  # noqa: S311 - jitter
        return Page(
            items=[*walk.items, *followed],
            refused=walk.refused,
            is_silent=walk.is_silent,
            cursor={**walk.cursor, "followed": below},
            next_at=now() + wait,
        )

    def find(self, kind: str, query: str, cursor: Mapping[str, Any]) -> Page:
        """What stands there of a hashtag or words, newest first. ChannelError."""
        walk = finds_of(Pds(self.connection), kind, query, cursor)
        walk.go()
        return walk.page

    def look_again(self, found: Sequence[Mention]) -> list[Heard]:
        """In one request. ChannelError."""
        uris = [one.remote_id for one in found if one.remote_id.startswith("at://")]
        return as_they_stand(Pds(self.connection), uris) if uris else []

    def reply(self, row: Outbox) -> str:
        return bluesky_writing.answer(Pds(self.connection), row)

    def like(self, row: Outbox) -> str:
        """Like what `row` names; the like's address. Safe to repeat with the same key and moment. ChannelError."""
        return bluesky_writing.like(Pds(self.connection), row)
