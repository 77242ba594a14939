"""What is new for an account on Bluesky: mentions, answers, quotes."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from conversations.channels import ChannelError, Heard
from social.networks.asking import why
from social.networks.bluesky_reading import read_notification
from social.networks.bluesky_session import Pds
from social.networks.shapes import list_at, moment_at, text_at
from social.networks.walking import Walk

REASONS = ("mention", "reply", "quote")
PAGE_SIZE = 100


def news(pds: Pds, cursor: Mapping[str, Any]) -> Walk:
    """A look from behind the cursor, ready to go."""
    return Walk(cursor, partial(_page, pds), _moment, _read)


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
