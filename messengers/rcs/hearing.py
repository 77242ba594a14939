"""What RCS tells: what became of messages, and what people write.

A call holds its news as base64, and is proven by X-Goog-Signature: HMAC-SHA512 of that news under the client token,
which is entered at both ends. It may come again and in any order.
"""

import base64
import binascii
import hmac
from typing import Any

from django.db import transaction

from contacts.addresses import BadAddressError, normalise_phone
from contacts.channels import Channel
from contacts.merging import relatives_of
from delivery.models import Delivery, Sender
from delivery.returns.events import Kind, ReturnEvent, event, part_of, word_of
from delivery.returns.finding import LEFT
from delivery.returns.provider import BadBodyError, ForgedError, tree_of
from delivery.returns.taking import take_events
from delivery.returns.texts import Answer, Way, owner_of, take_answer
from lib.foreign.cleaning import to_line
from lib.foreign.foreign_json import BadJsonError, read_json
from messengers.keyring import keys_of
from messengers.rcs.ids import LOW, is_id_of, low_of
from workspaces.current import current_workspace_id

WAY = Way(Channel.RCS, "rcs", "rcs", "RCS")
AGENT = "RCS"
MOST_LOOKED_AT = 500  # messages of one sender to one person


def prove(sender: Sender, raw: bytes, given: str) -> None:
    """Return when the call is Google's. ForgedError, BadBodyError, SealBrokenError."""
    secret = keys_of(sender).get("client_token", "")
    wanted = base64.b64encode(hmac.digest(secret.encode(), _news(tree_of(raw)), "sha512"))
    if not secret or not hmac.compare_digest(wanted, given.encode()):
        raise ForgedError("the signature does not fit")


def answer_challenge(sender: Sender, raw: bytes) -> str:
    """What Google wants back when the address is entered there: its secret, where it knows the client token; else "".

    BadBodyError, SealBrokenError.
    """
    tree = tree_of(raw)
    token, secret = word_of(tree, "clientToken"), word_of(tree, "secret")
    known = keys_of(sender).get("client_token", "")
    is_ours = bool(known) and hmac.compare_digest(token.encode(), known.encode())
    return to_line(secret, 200) if is_ours else ""


@transaction.atomic
def take_call(sender: Sender, raw: bytes) -> dict[str, int]:
    """Let a proven call take effect; how many of its things we knew. BadBodyError. May be repeated."""
    try:
        tree = read_json(_news(tree_of(raw)))
    except BadJsonError as error:
        raise BadBodyError(f"no JSON that we read: {error}"[:200]) from error
    is_known = _is_our_agent(sender, tree) and (_take_event(sender, tree) or _take_message(sender, tree))
    return {"taken": int(is_known), "unknown": int(not is_known)}


def _news(tree: Any) -> bytes:
    try:
        return base64.b64decode(word_of(tree, "message", "data"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadBodyError("message.data is no base64") from error


def _is_our_agent(sender: Sender, tree: Any) -> bool:
    """Where it names an agent, it is this sender's."""
    agent = word_of(tree, "agentId")
    return not agent or agent == sender.settings.get("agent_id")


def _take_event(sender: Sender, tree: Any) -> bool:
    kind, number = word_of(tree, "eventType"), _number(tree)
    if kind in {"UNSUBSCRIBE", "SUBSCRIBE"} and number:
        sid = to_line(word_of(tree, "eventId"), 200)
        word = "STOP" if kind == "UNSUBSCRIBE" else "START"
        return bool(sid) and _answered(sender, Answer(sid, number, word, True, _at(tree), WAY))
    if kind not in {"DELIVERED", "READ"} or not number:
        return False
    sent = _find(sender, number, word_of(tree, "messageId"))
    if sent is None:
        return False
    events = [ReturnEvent(Kind.DELIVERED, _at(tree), sent=sent)]
    if kind == "READ":
        events.append(ReturnEvent(Kind.OPEN, _at(tree), sent=sent, agent=AGENT))
    return take_events(events, sender=sender) > 0


def _take_message(sender: Sender, tree: Any) -> bool:
    sid, number = to_line(word_of(tree, "messageId"), 200), _number(tree)
    text = word_of(tree, "text") or word_of(tree, "suggestionResponse", "text") or _file(tree)
    if not sid or not number or not text or word_of(tree, "eventType"):
        return False
    return _answered(sender, Answer(sid, number, text, True, _at(tree), WAY))


def _answered(sender: Sender, answer: Answer) -> bool:
    take_answer(sender, answer)
    return True


def _file(tree: Any) -> str:
    if part_of(tree, "userFile") is not None:
        return word_of(tree, "userFile", "payload", "fileName") or "[file]"
    return "[location]" if part_of(tree, "location") is not None else ""


def _find(sender: Sender, number: str, given: str) -> tuple[int, int, int | None] | None:
    """(message, contact, occasion) of the message to this number that has this id."""
    low, owner = low_of(given), owner_of(number)
    if low is None or owner is None:
        return None
    rows = Delivery.objects.filter(contact__in=relatives_of([owner.pk]), message__sender=sender, state__in=LEFT)
    newest = rows.order_by("-pk").values_list("message_id", "contact_id", "occasion")[:MOST_LOOKED_AT]
    for message, contact, occasion in newest:
        if message & LOW == low and is_id_of(given, current_workspace_id(), message, contact, occasion):
            return message, contact, occasion
    return None


def _number(tree: Any) -> str:
    try:
        return normalise_phone(word_of(tree, "senderPhoneNumber"))
    except BadAddressError:
        return ""


def _at(tree: Any) -> Any:
    return event(Kind.TAKEN, at=word_of(tree, "sendTime"), address="").at
