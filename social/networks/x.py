"""X: posts that name an account, by polling and by webhook; answers as posts in a chain."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from conversations.channels import Capabilities, ChannelError, Heard, Outbox
from conversations.models import Connection, Conversation, Mention, WatchedQuery
from lib.bisecting import reason_of
from lib.clock import now
from lib.foreign.foreign_json import BadJsonError, read_what_can_be
from social.networks import x_pictures, x_writing
from social.networks.oauth_client import OAuthForm
from social.networks.protocol import BadBodyError, Challenge, Listener, Page, Parsed, Refused
from social.networks.public_only import check_is_for_everyone
from social.networks.shapes import list_at, moment_at, text_at
from social.networks.signing import check_sha256_base64, sealed_base64
from social.networks.walking import Walk
from social.networks.x_api import XClient
from social.networks.x_reading import ASKED, gone, id_at, lookup_of, posts_in, read_event, read_post
from social.secrets import brought_secrets
from workspaces.current import working_in
from workspaces.models import Workspace

SIGNATURE = "X-Twitter-Webhooks-Signature"
SOONEST, LATEST = 95.0, 140.0  # the smaller plans allow ten looks in 15 minutes
PAGE_SIZE = 100
FOUND_PAGES, SEARCHED, FOREVER = 1, timedelta(days=6, hours=23), timedelta(days=3_650)  # an older place is refused
FOLLOWED_AT_ONCE, FOLLOWED_EVERY, FOLLOWED = 100, timedelta(hours=1), timedelta(days=7)
OPEN = (Conversation.State.WAITING, Conversation.State.SNOOZED)


class XForm(OAuthForm):
    """An account, and the app that may answer for it. Every post that is read may cost something at X."""

    secret_fields = ("client_id", "client_secret", "refresh_token", "consumer_secret")

    user_id = forms.RegexField(
        r"^\s*\d{1,20}\s*$",
        label=_("Account ID"),
        max_length=30,
        help_text=_("The number of the account, not its name: GET /2/users/me tells it."),
    )
    username = forms.RegexField(r"^\s*@?\w{1,15}\s*$", label=_("User name"), max_length=20)
    consumer_secret = forms.CharField(
        label=_("API key secret"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Only where X is to send posts by webhook, at once. Without it we look every two minutes."),
    )

    field_order = ("name", "user_id", "username", "client_id", "client_secret", "refresh_token", "consumer_secret")

    def facts(self) -> dict[str, Any]:
        given = {name: value.strip() for name, value in self.cleaned_data.items()}
        username = given["username"].lstrip("@")
        settings: dict[str, Any] = {"user_id": given["user_id"], "username": username, "acct": username}
        secrets = [given[name] for name in ("client_id", "client_secret", "refresh_token")]
        if given["consumer_secret"]:
            settings["webhook"], secrets = True, [*secrets, "", given["consumer_secret"]]
        url = f"https://x.com/{username}"
        return {"name": given["name"], "url": url, "settings": settings, "is_public": True, "secrets": secrets}


class X(Listener):
    """One account. Who wrote is proven by X: an author is a number, whatever the name is today."""

    key: ClassVar[str] = "x"
    label: ClassVar[str] = "X"
    icon: ClassVar[str] = "brand-x"
    says = _(
        "Needs your keys: an app of yours at X, in a plan that reads. Posts that name an account, every two minutes."
    )
    form = XForm
    vouches: ClassVar[bool] = True
    finds_followed: ClassVar[tuple[int, timedelta]] = (100, timedelta(hours=6))  # each post that is read may cost
    needs_keys: ClassVar[bool] = True

    def __init__(self, connection: Connection) -> None:
        self.connection, self.client = connection, XClient(connection)
        self.us = str(connection.settings.get("user_id", ""))

    def capabilities(self) -> Capabilities:
        return Capabilities(
            polls=True,
            receives=self.connection.settings.get("webhook") is True,
            replies=True,
            media=x_pictures.MOST_PICTURES,
            longest_alt=x_pictures.LONGEST_ALT,
            longest=x_writing.LONGEST,
            posts=x_writing.POSTS,
            finds=("hashtag", "words"),
        )

    def poll(self, cursor: Mapping[str, Any]) -> Page:
        """What is new since, and each hour what became of the posts that wait for an answer."""
        walk = self._walk(cursor, f"users/{self.us}/mentions", {})
        walk.go()
        followed, said_at = list[Heard](), moment_at(cursor, "followed_at")
        if not walk.more and (said_at is None or said_at < now() - FOLLOWED_EVERY):
            said_at = now()
            try:
                followed = self._follow()
            except ChannelError:
                followed = []  # what is new does not wait for it
        wait = timedelta(seconds=0 if walk.more else random.uniform(SOONEST, LATEST))  # noqa: S311 - jitter
        return Page(
            items=[*walk.items, *followed],
            refused=walk.refused,
            is_silent=walk.is_silent,
            cursor=walk.cursor | ({"followed_at": said_at.isoformat()} if said_at else {}),
            next_at=now() + wait,
            health={"quota": self.client.quota},
        )

    def find(self, kind: str, query: str, cursor: Mapping[str, Any]) -> Page:
        """What the search of the last seven days finds, newest first. Each post that is read may cost. ChannelError."""
        words = f"#{query}" if kind == WatchedQuery.Kind.HASHTAG else f"({query})"
        asked = {"query": f"{words} -is:retweet", "sort_order": "recency"}
        walk = self._walk(cursor, "tweets/search/recent", asked, pages=FOUND_PAGES, kept_for=SEARCHED)
        walk.go()
        return walk.page

    def reply(self, row: Outbox) -> str:
        check_is_for_everyone(row, self.label)
        return x_writing.answer(self.client, self.us, row)

    def challenge(self, params: Mapping[str, str]) -> Challenge | None:
        asked, secret = params.get("crc_token", ""), self._consumer_secret()
        if not secret or not asked.isascii() or not asked.isprintable() or not 0 < len(asked) <= 200:
            return None
        return Challenge(f'{{"response_token":"{sealed_base64(secret, asked.encode())}"}}', "application/json")

    def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> None:
        check_sha256_base64(self._consumer_secret(), raw_body, headers.get(SIGNATURE, ""))

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> Parsed:
        try:
            tree = read_what_can_be(raw_body)
        except BadJsonError as error:
            raise BadBodyError(str(error)) from error
        good, refused = list[Heard](), list[Refused]()
        if text_at(tree, "for_user_id") != self.us:
            return Parsed()  # of another account that the app serves
        for place, event in enumerate(list_at(tree, "tweet_create_events")):
            try:
                good += read_event(event, self.us)
            except Exception as error:  # noqa: BLE001 - one event never stops the others
                refused.append(Refused(place, reason_of(error), str(event)[:300], text_at(event, "text")))
        gone_ids = [text_at(one, "status", "id") for one in list_at(tree, "tweet_delete_events")]
        return Parsed([*good, *(gone(id_) for id_ in gone_ids if id_)], refused)

    def _walk(
        self,
        cursor: Mapping[str, Any],
        path: str,
        asked: Mapping[str, Any],
        *,
        pages: int = 4,
        kept_for: timedelta = FOREVER,
    ) -> Walk:
        def page(place: str) -> tuple[list[Any], str] | None:
            since = id_at(max(parse_datetime(walk.gap["until"]) or now(), now() - kept_for))
            params: dict[str, Any] = ASKED | dict(asked) | {"max_results": PAGE_SIZE, "since_id": since}
            try:
                tree = self.client.get(path, **params | ({"pagination_token": place} if place else {})).tree
            except ChannelError as error:
                if place and error.again and not error.wait:
                    return None  # X does not know the place any more: from the top again
                raise
            return posts_in(tree), text_at(tree, "meta", "next_token")

        def read(tree: Any) -> list[Heard]:
            return read_post(tree, self.us)

        walk = Walk(cursor, page, lambda tree: moment_at(tree, "created_at"), read, pages=pages)
        return walk

    def _follow(self) -> list[Heard]:
        with working_in(Workspace.objects.get(pk=int(self.connection.workspace_id or 0))):
            rows = Mention.objects.filter(connection=self.connection, deleted_at=None, conversation__state__in=OPEN)
            rows = rows.filter(published_at__gt=now() - FOLLOWED).order_by("-pk")
            by = dict(rows.values_list("remote_id", "found_by")[:FOLLOWED_AT_ONCE])
        return [replace(one, found_by=by.get(one.remote_id, "")) for one in self._look_up(list(by))]

    def look_again(self, found: Sequence[Mention]) -> list[Heard]:
        """In one request; each post that is read may cost. ChannelError."""
        return self._look_up([one.remote_id for one in found])

    def _look_up(self, found: Sequence[str]) -> list[Heard]:
        ids = [one for one in found if one.isdigit()]
        if not ids:
            return []
        return lookup_of(self.client.get("tweets", ids=",".join(ids), **ASKED).tree, ids, self.us)

    def _consumer_secret(self) -> str:
        return [*brought_secrets(self.connection), "", "", "", "", ""][4]
