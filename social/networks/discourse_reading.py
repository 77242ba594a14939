"""A post of a Discourse forum, in the inbox's words."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from conversations.channels import Heard
from lib.clock import now
from social.networks.shapes import at, moment_at, number_at, text_at

NETWORK = "discourse"
QUOTE = re.compile(r"\[quote(?:=[^\]]*)?\].*?\[/quote\]", re.DOTALL | re.IGNORECASE)


class NoPostError(ValueError):
    """This is no post that can be kept; the text says what is missing."""


WHISPER = 4  # the forum's staff among themselves


@dataclass(frozen=True, slots=True)
class Forum:
    """Where it is, and who we are there."""

    url: str
    username: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def is_ours(self, post: Any) -> bool:
        return text_at(post, "username").lower() == self.username.lower()


def read_post(forum: Forum, post: Any, *, is_deleted: bool = False) -> Heard:
    """A post as /posts.json, /posts/<id>.json and the webhooks write it. NoPostError."""
    id_, topic, username = number_at(post, "id"), number_at(post, "topic_id"), text_at(post, "username")
    if id_ is None or id_ <= 0:
        raise NoPostError("it has no id")
    if is_deleted or text_at(post, "deleted_at") or at(post, "user_deleted") is True:
        return gone(id_)
    written = moment_at(post, "created_at")
    if topic is None or not username or written is None:
        raise NoPostError("it has no topic, no writer or no time")
    raw = text_at(post, "raw")
    number = number_at(post, "post_number") or 1
    is_whisper = number_at(post, "post_type") == WHISPER
    is_private = is_whisper or text_at(post, "topic_archetype") == "private_message"
    page = f"{forum.url}/t/{quote(text_at(post, 'topic_slug') or '-')}/{topic}/{number}"
    return Heard(
        remote_id=f"post-{id_}",
        text=_own_words(raw) or text_at(post, "cooked") or "…",
        is_html=not raw,
        handle=f"{username}@{forum.host}",
        name=text_at(post, "name") or username,
        author_url=f"{forum.url}/u/{quote(username)}",
        url=page,
        title=text_at(post, "topic_title"),
        thread=f"topic-{topic}",
        published_at=written,
        edited_at=moment_at(post, "updated_at") if (number_at(post, "version") or 1) > 1 else None,
        network=NETWORK,
        is_public=not is_private,
        visibility="direct" if is_private else "public",
        wire={"topic_id": topic, "post_number": number},
    )


def gone(id_: int) -> Heard:
    """What is said of a post that was deleted."""
    return Heard(f"post-{id_}", "", "", now(), network=NETWORK, is_deleted=True)


def _own_words(raw: str) -> str:
    """Without what they quote; a post that is nothing but a quote stays whole."""
    return QUOTE.sub("", raw).strip() or raw
