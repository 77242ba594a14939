"""A message that came back finds its reader, and what it says takes effect: a dead address, a complaint."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.utils import getaddresses

from django.db import transaction
from django.db.models import Min

from contacts.models import Contact
from delivery.bounces.bouncing import OPT_OUT, Returned, read_returned
from delivery.content.addressing import read_return_path
from delivery.message_ids import is_sealed
from delivery.models import Delivery, Message
from delivery.returns.events import Kind, ReturnEvent
from delivery.returns.taking import take_events
from delivery.unsubscribing import note_complaint, unsubscribe
from lib.clock import now
from lib.foreign.mail_bounds import MOST_HEAD
from lib.signing import BadTokenError
from workspaces.current import working_in
from workspaces.models import Workspace

SENT_TO = ("delivered-to", "x-original-to", "envelope-to", "to")


@dataclass(frozen=True, slots=True)
class Effect:
    """What a returned message did: to whom, by which message. `contact_id` None: nobody of ours."""

    returned: Returned
    workspace_id: int | None = None
    message_id: int | None = None
    contact_id: int | None = None


def receive(raw: bytes, *, workspace: Workspace | None = None) -> Effect:
    """Take one message from a mailbox for returned mail; its effect is there once, however often it comes.

    The return path names the reader. Without one, `workspace` and the sealed Message-ID of the enclosed email do: anybody
    may write to a mailbox, and numbers alone can be guessed.
    """
    returned = read_returned(raw)
    named, sent = next(_named(raw), None), returned.sent
    if named is None and workspace is not None and sent is not None and is_sealed(sent, workspace.pk):
        named = (workspace.pk, sent.message_id, sent.contact_id)
    owner = Workspace.objects.filter(pk=named[0]).first() if named else None
    if named is None or owner is None:
        return Effect(returned)
    with working_in(owner):
        _take_effect(returned, named[1], named[2])
    return Effect(returned, *named)


@transaction.atomic
def _take_effect(returned: Returned, message_id: int, contact_id: int) -> None:
    contact = Contact.objects.filter(pk=contact_id).first()
    message = Message.objects.filter(pk=message_id).first()
    if contact is None or message is None:
        return
    if returned.kind == "complaint" and returned.diagnostic == OPT_OUT:
        unsubscribe(contact, message)
    elif returned.kind == "complaint":
        note_complaint(contact, message)
    elif returned.kind == "bounce" and not returned.is_delay:
        kind = Kind.HARD if returned.hardness == "hard" else Kind.SOFT
        sent = (message.pk, contact.pk, returned.sent.occasion if returned.sent else None)
        at = _came_back_at(returned, message_id, contact_id)
        take_events([ReturnEvent(kind, at, "", sent, returned.status, returned.diagnostic)])


def _came_back_at(returned: Returned, message_id: int, contact_id: int) -> datetime:
    """When the report says it was written: the same however often it is read. Never before the email, nor to come."""
    moment = now()
    if returned.said_at is None or returned.said_at > moment:
        return moment
    queued = Delivery.objects.filter(message=message_id, contact=contact_id).aggregate(first=Min("queued_at"))["first"]
    return min(max(returned.said_at, queued or moment), moment)


def _named(raw: bytes) -> Iterator[tuple[int, int, int]]:
    """The readers that the addresses it was sent to name."""
    head = raw[:MOST_HEAD]
    message = message_from_bytes(head.partition(b"\r\n\r\n" if b"\r\n" in head[:2000] else b"\n\n")[0])
    for name in SENT_TO:
        for _name, address in getaddresses([str(value) for value in message.get_all(name, [])]):
            try:
                yield read_return_path(address)
            except BadTokenError:
                continue
