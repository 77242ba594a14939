"""Comments on a channel's videos, by polling; answers as comments. An hour's looks cost 30 of 10,000 units a day."""

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from conversations.channels import Capabilities, ChannelError, Heard, Outbox
from conversations.models import Connection
from lib.clock import now
from social.networks.oauth_client import OAuthClient, OAuthForm, why_google
from social.networks.protocol import Listener, Page
from social.networks.shapes import list_at, moment_at, text_at, tree_at
from social.networks.walking import Walk

API = "https://www.googleapis.com/youtube/v3"
SOONEST, LATEST = 100.0, 140.0
PAGE_SIZE = 100
SKEW = timedelta(minutes=5)


class YouTubeForm(OAuthForm):
    """A channel, and the client that may answer for it."""

    channel = forms.RegexField(r"^\s*UC[\w-]{10,40}\s*$", label=_("Channel ID"), max_length=60)


class YouTube(Listener):
    """One channel. Who wrote is proven by YouTube: an author is a channel's id."""

    key: ClassVar[str] = "youtube"
    label: ClassVar[str] = "YouTube"
    icon: ClassVar[str] = "brand-youtube"
    says = _("Needs your keys: a client of yours at Google. Comments on a channel’s videos, every two minutes.")
    form = YouTubeForm
    vouches: ClassVar[bool] = True
    needs_keys: ClassVar[bool] = True

    def __init__(self, connection: Connection) -> None:
        self.connection, self.google = connection, OAuthClient(connection)
        self.api = str(connection.settings.get("api") or API)
        self.channel = str(connection.settings.get("channel", ""))

    def capabilities(self) -> Capabilities:
        late = _now("YouTube does not tell of new answers below comments that are older than the last ones.")
        return Capabilities(polls=True, replies=True, cannot=[late])

    def poll(self, cursor: Mapping[str, Any]) -> Page:
        walk = Walk(cursor, self._page, _moment, self._read)
        walk.go()
        wait = timedelta(seconds=0 if walk.more else random.uniform(SOONEST, LATEST))  # noqa: S311 - jitter
        return Page(walk.items, walk.refused, is_silent=walk.is_silent, cursor=walk.cursor, next_at=now() + wait)

    def reply(self, row: Outbox) -> str:
        """Answer below the comment. YouTube knows no ids of ours: before another attempt it is asked what stands there."""
        parent = text_at(row.wire, "top") or row.mention_id.partition(".")[0]
        if row.attempt > 1 and (found := self._posted(row, parent)):
            return found
        body = {"snippet": {"parentId": parent, "textOriginal": row.text}}
        said = self.google.ask(f"{self.api}/comments?part=snippet", method="POST", body=body)
        if not said.is_good:
            raise ChannelError(_now("YouTube does not take it: %(why)s") % {"why": why_google(said)}, again=False)
        return text_at(said.tree, "id")

    def _posted(self, row: Outbox, parent: str) -> str:
        params = {"part": "snippet", "parentId": parent, "maxResults": PAGE_SIZE, "textFormat": "plainText"}
        said = self.google.ask(f"{self.api}/comments", params=params)
        if not said.is_good and said.status != 404:
            raise ChannelError(why_google(said))
        for one in list_at(said.tree, "items"):
            moment = moment_at(one, "snippet", "publishedAt")
            is_old = moment is not None and row.created_at is not None and moment < row.created_at - SKEW
            is_same = text_at(one, "snippet", "textOriginal").split() == row.text.split()
            if text_at(one, "snippet", "authorChannelId", "value") == self.channel and is_same and not is_old:
                return text_at(one, "id")
        return ""

    def _page(self, place: str) -> tuple[list[Any], str] | None:
        params = {
            "part": "snippet,replies", "allThreadsRelatedToChannelId": self.channel, "order": "time",
            "maxResults": PAGE_SIZE, "textFormat": "plainText",
        } | ({"pageToken": place} if place else {})  # fmt: skip
        said = self.google.ask(f"{self.api}/commentThreads", params=params)
        if not said.is_good and not place:
            raise ChannelError(why_google(said), again=said.status not in {403, 404})
        return (list_at(said.tree, "items"), text_at(said.tree, "nextPageToken")) if said.is_good else None

    def _read(self, tree: Any) -> list[Heard]:
        top = tree_at(tree, "snippet", "topLevelComment")
        video = text_at(tree, "snippet", "videoId") or text_at(top, "snippet", "videoId")
        found = [self._heard(top, text_at(top, "id"), video)]
        for one in list_at(tree, "replies", "comments"):
            try:
                found.append(self._heard(one, text_at(top, "id"), video))
            except ValueError:
                continue  # what it answers is kept
        return [one for one in found if one.handle != self.channel]

    def _heard(self, comment: Any, top: str, video: str) -> Heard:
        said, id_ = tree_at(comment, "snippet"), text_at(comment, "id")
        who = text_at(said, "authorChannelId", "value")
        written, edited = moment_at(said, "publishedAt"), moment_at(said, "updatedAt")
        if not id_ or not top or not who or written is None:
            raise ValueError("a comment has an id, an author and a time")
        return Heard(
            id_, text_at(said, "textOriginal") or text_at(said, "textDisplay") or "…", who, written, network=self.key,
            name=text_at(said, "authorDisplayName"), author_url=f"https://www.youtube.com/channel/{who}",
            url="https://www.youtube.com/watch?" + urlencode({"v": video, "lc": id_}), thread=top,
            parent_id=text_at(said, "parentId"), is_public=True, visibility="public", wire={"top": top},
            edited_at=edited if edited is not None and edited > written else None,
        )  # fmt: skip


def _moment(tree: Any) -> Any:
    return moment_at(tree, "snippet", "topLevelComment", "snippet", "publishedAt")
