"""Private messages of Messenger and Instagram: read, and answered within the 24 hours that Meta allows."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from conversations.channels import Capabilities, ClosedError, Heard, Outbox, Window
from conversations.models import Mention
from lib.clock import now
from social.networks.meta.graph import SKEW, MetaNetwork
from social.networks.shapes import at, list_at, moment_at, moment_of_seconds, number_at, text_at

WINDOW = timedelta(hours=24)


def read_message(network: str, account: str, tree: Any) -> list[Heard]:
    """A message to us; nothing for an echo of ours, a receipt, or one without words. ValueError says what is missing."""
    who, id_ = text_at(tree, "sender", "id"), text_at(tree, "message", "mid")
    if not id_ or who == account or at(tree, "message", "is_echo") is True:
        return []
    seconds = number_at(tree, "timestamp")
    moment = moment_of_seconds(seconds)
    if not who or moment is None:
        raise ValueError("a message has a sender and a time")
    is_gone, text = at(tree, "message", "is_deleted") is True, text_at(tree, "message", "text")
    return [
        Heard(
            id_, text or "…", who, moment, network=network, thread=f"direct-{who}", is_public=False, visibility="direct",
            is_deleted=is_gone, wire={"kind": "direct", "recipient": who, "at": seconds},
        )
    ]  # fmt: skip


def answer_direct(network: MetaNetwork, row: Outbox, path: str) -> str:
    """Answer a private message in private. ChannelError; ClosedError where Meta's 24 hours are over."""
    who = text_at(row.wire, "recipient")
    if row.attempt > 1 and (sent := _sent(network, row, who)):
        return sent
    if why := _window(row.wire).why_closed:
        raise ClosedError(why)
    body = {"recipient": {"id": who}, "messaging_type": "RESPONSE", "message": {"text": row.text}}
    return text_at(network.ask(path, method="POST", body=body).tree, "message_id")


def able_in_direct(able: Capabilities, mention: Mention) -> Capabilities:
    """What can be done in answer to this, where `able` is what can be done in public: a private message goes as words."""
    if text_at(mention.wire, "kind") != "direct":
        return able
    return replace(able, media=0, why_no_media=_("A private message there goes out as words alone, without pictures."))


def window_of_direct(mention: Mention) -> Window:
    """Until when a private message may be answered; anything else at any time."""
    return _window(mention.wire) if text_at(mention.wire, "kind") == "direct" else Window()


def _window(wire: Mapping[str, Any]) -> Window:
    moment = moment_of_seconds(number_at(wire, "at"))
    if moment is None:
        return Window()
    is_over = now() - moment > WINDOW
    words = _("Meta lets us answer a private message for 24 hours, and these are over.")
    return Window(moment + WINDOW, words if is_over else "")


def _sent(network: MetaNetwork, row: Outbox, who: str) -> str:
    """The id of this answer where the conversation holds it already."""
    params = {"user_id": who, "fields": "messages.limit(20){id,message,from,created_time}"}
    tree = network.ask(f"{network.account}/conversations", params=params).tree
    for one in list_at(tree, "data", 0, "messages", "data"):
        is_same = text_at(one, "message").split() == row.text.split()
        if text_at(one, "from", "id") == network.account and is_same and _is_of_this(row, one):
            return text_at(one, "id")
    return ""


def _is_of_this(row: Outbox, tree: Any) -> bool:
    """Whether what was written there is not older than this answer."""
    moment = moment_at(tree, "created_time")
    return moment is None or row.created_at is None or moment >= row.created_at - SKEW
