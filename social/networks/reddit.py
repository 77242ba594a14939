"""An account's inbox on Reddit: answers, mentions and private messages, by polling; answers in kind."""

import random
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from conversations.channels import Capabilities, ChannelError, Heard, Outbox
from conversations.models import Connection
from lib.clock import now
from social.networks.asking import Said, ask, why
from social.networks.oauth_client import OAuthClient, OAuthForm
from social.networks.protocol import Listener, Page
from social.networks.shapes import list_at, moment_of_seconds, number_at, text_at, tree_at
from social.networks.walking import Walk

API = "https://oauth.reddit.com"
TOKENS = "https://www.reddit.com/api/v1/access_token"
SITE = "https://www.reddit.com"
SOONEST, LATEST = 45.0, 75.0
COMMENT, MESSAGE = "t1", "t4"
SKEW = timedelta(minutes=5)
LONGEST = 10_000
NOBODY = {"", "[deleted]"}


class RedditForm(OAuthForm):
    """An account, and the app that may answer for it."""

    username = forms.RegexField(r"^\s*(?:/?u/)?[\w-]{3,20}\s*$", label=_("User name"), max_length=30)

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        return name.strip().removeprefix("/").removeprefix("u/")


class RedditClient(OAuthClient):
    """Reddit wants the client's secret in a header."""

    who: ClassVar[str] = "Reddit"

    def ask_token(self, client: str, secret: str, refresh: str) -> Said:
        basic = b64encode(f"{client}:{secret}".encode()).decode()
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        url = str(self.connection.settings.get("tokens") or TOKENS)
        return ask(url, method="POST", headers={"Authorization": f"Basic {basic}"}, form=form)


class Reddit(Listener):
    """One account. Who wrote is proven by Reddit; a name there never changes."""

    key: ClassVar[str] = "reddit"
    label: ClassVar[str] = "Reddit"
    icon: ClassVar[str] = "message-circle"
    says = _("Needs your keys: an app of yours at Reddit. Answers, mentions and messages of an account, once a minute.")
    form = RedditForm
    vouches: ClassVar[bool] = True
    needs_keys: ClassVar[bool] = True

    def __init__(self, connection: Connection) -> None:
        self.connection, self.client = connection, RedditClient(connection)
        self.api = str(connection.settings.get("api") or API)
        self.username = str(connection.settings.get("username", ""))

    def capabilities(self) -> Capabilities:
        return Capabilities(polls=True, replies=True, longest=LONGEST)

    def poll(self, cursor: Mapping[str, Any]) -> Page:
        walk = Walk(cursor, self._page, _moment, self._read)
        walk.go()
        wait = timedelta(seconds=0 if walk.more else random.uniform(SOONEST, LATEST))  # noqa: S311 - jitter
        return Page(walk.items, walk.refused, is_silent=walk.is_silent, cursor=walk.cursor, next_at=now() + wait)

    def reply(self, row: Outbox) -> str:
        """Answer below the comment, or in private. Before another attempt Reddit is asked what we wrote lately."""
        if row.attempt > 1 and (found := self._written(row)):
            return found
        form = {"api_type": "json", "thing_id": row.mention_id, "text": row.text}
        said = self.client.ask(f"{self.api}/api/comment", method="POST", form=form)
        errors = list_at(said.tree, "json", "errors")
        name, words = text_at(errors, 0, 0), text_at(errors, 0, 1)
        if name == "RATELIMIT":
            raise ChannelError(words, wait=600)
        if name or not said.is_good:
            raise ChannelError(
                _now("Reddit does not take it: %(why)s") % {"why": words or name or why(said, "message")}, again=False
            )
        return text_at(said.tree, "json", "data", "things", 0, "data", "name")

    def _written(self, row: Outbox) -> str:
        """The id of this answer among the last that we wrote, else "". ChannelError."""
        is_private = row.mention_id.startswith(MESSAGE)
        path = "message/sent" if is_private else f"user/{self.username}/comments"
        said = self.client.ask(f"{self.api}/{path}", params={"limit": 50, "raw_json": 1})
        if not said.is_good:
            raise ChannelError(why(said, "message"))
        for one in list_at(said.tree, "data", "children"):
            moment = _moment(one)
            is_old = moment is not None and row.created_at is not None and moment < row.created_at - SKEW
            is_same = text_at(one, "data", "body").split() == row.text.split()
            if text_at(one, "data", "parent_id") == row.mention_id and is_same and not is_old:
                return text_at(one, "data", "name")
        return ""

    def _page(self, place: str) -> tuple[list[Any], str] | None:
        params = {"limit": 100, "raw_json": 1, "mark": "false"} | ({"after": place} if place else {})
        said = self.client.ask(f"{self.api}/message/inbox", params=params)
        if not said.is_good and not place:
            raise ChannelError(why(said, "message"), again=said.status != 403)
        return (list_at(said.tree, "data", "children"), text_at(said.tree, "data", "after")) if said.is_good else None

    def _read(self, tree: Any) -> list[Heard]:
        said, kind = tree_at(tree, "data"), text_at(tree, "kind")
        id_, who, written = text_at(said, "name"), text_at(said, "author"), _moment(tree)
        if kind not in {COMMENT, MESSAGE} or who.lower() == self.username.lower():
            return []
        if not id_ or written is None:
            raise ValueError("what stands in the inbox has an id and a time")
        if who in NOBODY:
            return []  # of Reddit itself, or of somebody who is gone
        is_private, link = kind == MESSAGE, text_at(said, "context")
        first = text_at(said, "first_message_name") or id_
        post = link.split("/comments/", 1)[-1].split("/", 1)[0] if "/comments/" in link else ""
        return [
            Heard(
                id_, text_at(said, "body") or "…", who, written, name=f"u/{who}", network=self.key,
                author_url=f"{SITE}/user/{who}", url=f"{SITE}{link}" if link.startswith("/") else "",
                title=text_at(said, "link_title") or text_at(said, "subject"), parent_id=text_at(said, "parent_id"),
                thread=f"direct-{first}" if is_private else f"t3_{post}" if post else id_, is_public=not is_private,
                visibility="direct" if is_private else "public",
            )
        ]  # fmt: skip


def _moment(tree: Any) -> datetime | None:
    return moment_of_seconds(number_at(tree, "data", "created_utc"))
