"""What is new for an account on Bluesky: mentions, answers, quotes."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from conversations.channels import ChannelError, Heard
from conversations.models import WatchedQuery
from social.networks.asking import why
from social.networks.bluesky_reading import read_notification, read_post
from social.networks.bluesky_session import Pds
from social.networks.shapes import list_at, moment_at, text_at
from social.networks.walking import Walk

REASONS = ("mention", "reply", "quote")
PAGE_SIZE = 100
FOUND_PAGES = 2


def news(pds: Pds, cursor: Mapping[str, Any]) -> Walk:
    """A look from behind the cursor, ready to go."""
    return Walk(cursor, partial(_page, pds), _moment, _read)


def finds_of(pds: Pds, kind: str, query: str, cursor: Mapping[str, Any]) -> Walk:
    """A look for a hashtag or words, from behind the cursor, ready to go. Our own posts are left out."""
    is_tag = kind == WatchedQuery.Kind.HASHTAG
    asked: dict[str, Any] = {"q": f"#{query}", "tag": query} if is_tag else {"q": query}

    def page(place: str) -> tuple[list[Any], str] | None:
        further = {"cursor": place} if place else {}
        params = {"sort": "latest", "since": walk.gap["until"], "limit": PAGE_SIZE, **asked, **further}
        said = pds.get("app.bsky.feed.searchPosts", **params)
        if not said.is_good and not place:
            raise ChannelError(why(said, "message"), again=said.status != 400)
        return (list_at(said.tree, "posts"), text_at(said.tree, "cursor")) if said.is_good else None

    def read(tree: Any) -> list[Heard]:
        return [] if text_at(tree, "author", "did") == pds.session.did else [read_post(tree)]

    walk = Walk(cursor, page, _moment, read, pages=FOUND_PAGES)
    return walk


def _page(pds: Pds, place: str) -> tuple[list[Any], str] | None:
    further = {"cursor": place} if place else {}
    said = pds.get("app.bsky.notification.listNotifications", reasons=REASONS, limit=PAGE_SIZE, **further)
    if not said.is_good and not place:
        raise ChannelError(why(said, "message"))
    return (list_at(said.tree, "notifications"), text_at(said.tree, "cursor")) if said.is_good else None


def _moment(tree: Any) -> Any:
    return moment_at(tree, "indexedAt")


def _read(tree: Any) -> list[Heard]:
    reason = text_at(tree, "reason")
    if reason and reason not in REASONS:
        return []  # something else, of a server that does not choose
    return [read_notification(tree)]
