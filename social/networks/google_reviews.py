"""Reviews of a place on Google, by polling. A review holds one answer: giving it again is the same answer."""

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from conversations.channels import Capabilities, ChannelError, Heard, Outbox
from conversations.models import Connection
from lib.clock import now
from social.networks.oauth_client import OAuthClient, OAuthForm, why_google
from social.networks.protocol import Listener, Page
from social.networks.shapes import list_at, moment_at, text_at
from social.networks.walking import Walk

API = "https://mybusiness.googleapis.com/v4"
STARS = {"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}
SOONEST, LATEST = 240.0, 360.0
LONGEST = 4_096


class GoogleReviewsForm(OAuthForm):
    """A place, and the client that may answer for it."""

    location = forms.RegexField(
        r"^\s*accounts/[\w-]{1,60}/locations/[\w-]{1,60}\s*$",
        label=_("Location"),
        max_length=160,
        widget=forms.TextInput(attrs={"placeholder": "accounts/123/locations/456"}),
    )


class GoogleReviews(Listener):
    """One place. Its reviewers have no id that is told: each is known by their review alone."""

    key: ClassVar[str] = "google_reviews"
    label = _("Google reviews")
    icon: ClassVar[str] = "star"
    says = _("Needs your keys: a client of yours at Google. Reviews of a place, every five minutes, with our answers.")
    form = GoogleReviewsForm
    needs_keys: ClassVar[bool] = True

    def __init__(self, connection: Connection) -> None:
        self.connection, self.google = connection, OAuthClient(connection)
        self.api = str(connection.settings.get("api") or API)
        self.location = str(connection.settings.get("location", ""))

    def capabilities(self) -> Capabilities:
        return Capabilities(polls=True, replies=True, longest=LONGEST)

    def poll(self, cursor: Mapping[str, Any]) -> Page:
        walk = Walk(cursor, self._page, lambda tree: moment_at(tree, "updateTime"), self._read)
        walk.go()
        wait = timedelta(seconds=0 if walk.more else random.uniform(SOONEST, LATEST))  # noqa: S311 - jitter
        return Page(walk.items, walk.refused, is_silent=walk.is_silent, cursor=walk.cursor, next_at=now() + wait)

    def reply(self, row: Outbox) -> str:
        path = f"{self.location}/reviews/{quote(row.mention_id, safe='')}/reply"
        said = self.google.ask(f"{self.api}/{path}", method="PUT", body={"comment": row.text})
        if said.status == 404:
            raise ChannelError(_now("What it answers was deleted there."), again=False)
        if not said.is_good:
            raise ChannelError(_now("Google does not take it: %(why)s") % {"why": why_google(said)}, again=False)
        return f"{row.mention_id}/reply"

    def _page(self, place: str) -> tuple[list[Any], str] | None:
        params = {"pageSize": 50, "orderBy": "updateTime desc"} | ({"pageToken": place} if place else {})
        said = self.google.ask(f"{self.api}/{self.location}/reviews", params=params)
        if not said.is_good and not place:
            raise ChannelError(why_google(said), again=said.status not in {403, 404})
        return (list_at(said.tree, "reviews"), text_at(said.tree, "nextPageToken")) if said.is_good else None

    def _read(self, tree: Any) -> list[Heard]:
        id_, written, edited = text_at(tree, "reviewId"), moment_at(tree, "createTime"), moment_at(tree, "updateTime")
        rating = STARS.get(text_at(tree, "starRating"))
        if not id_ or written is None:
            raise ValueError("a review has an id and a time")
        text = text_at(tree, "comment").strip()
        return [
            Heard(
                id_, text or "★" * (rating or 0) or "…", f"review-{id_}", written, network=self.key, rating=rating,
                name=text_at(tree, "reviewer", "displayName"), thread=id_, is_public=True, visibility="public",
                edited_at=edited if edited is not None and edited > written else None,
            )
        ]  # fmt: skip
