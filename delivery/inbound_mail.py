"""A message that came back finds its reader, and what it says takes effect: a dead address, a complaint."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.utils import getaddresses

from django.db import transaction

from consent.consenting import addresses_of
from consent.models import Suppression
from consent.suppressing import suppress_all
from contacts.channels import Channel
from contacts.models import Contact
from delivery.bouncing import OPT_OUT, Returned, read_returned
from delivery.content.addressing import read_return_path
from delivery.doubts import settle_by_sign
from delivery.finishing import message_source
from delivery.models import Delivery, Message
from delivery.unsubscribing import note_complaint, unsubscribe
from lib.clock import now
from lib.signing import BadTokenError
from touchpoints.facts import Fact
from touchpoints.recording import record
from workspaces.current import working_in
from workspaces.models import Workspace

SENT_TO = ("delivered-to", "x-original-to", "envelope-to", "to")
State = Delivery.State


@dataclass(frozen=True, slots=True)
class Effect:
    """What a returned message did: to whom, by which message. `contact_id` None: nobody of ours."""

    returned: Returned
    workspace_id: int | None = None
    message_id: int | None = None
    contact_id: int | None = None


def receive(raw: bytes, *, workspace: Workspace | None = None) -> Effect:
    """Take one message from a mailbox for returned mail; its effect is there once, however often it comes.

    The return path names the reader. Without one, `workspace` and the Message-ID of the enclosed email do.
    """
    returned = read_returned(raw)
    named = next(_named(raw), None)
    if named is None and workspace is not None and returned.sent is not None:
        named = (workspace.pk, *returned.sent[:2])
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
    elif returned.kind == "bounce":
        _bounced(returned, contact, message)


def _bounced(returned: Returned, contact: Contact, message: Message) -> None:
    """Hard: the address is dead. Soft: it is noted. A bounce also proves that one in doubt had left."""
    is_hard = returned.hardness == "hard"
    fact = Fact(
        kind="bounced",
        external_id=f"bounced:{contact.pk}:returned:{returned.hardness}",
        contact_id=contact.pk,
        message_id=message.pk,
        payload={"hard": is_hard, "status": returned.status, "answer": returned.diagnostic},
    )
    record([fact], source=message_source(message))
    rows = Delivery.objects.filter(message=message, contact=contact)
    settle_by_sign(message, contact)
    if is_hard:
        address = rows.values_list("address", flat=True).first() or ""
        dead = [address] if address else addresses_of(contact, Channel.EMAIL)
        suppress_all(dead, reason=Suppression.Reason.BOUNCE, source=f"message {message.pk}")
        rows.filter(bounced_at=None).update(bounced_at=now())
    rows.filter(answer__startswith="2").update(answer=f"{returned.status} {returned.diagnostic}"[:300])


def _named(raw: bytes) -> Iterator[tuple[int, int, int]]:
    """The readers that the addresses it was sent to name."""
    message = message_from_bytes(
        raw.partition(b"\n\n")[0] if b"\r\n" not in raw[:2000] else raw.partition(b"\r\n\r\n")[0]
    )
    for name in SENT_TO:
        for _name, address in getaddresses([str(value) for value in message.get_all(name, [])]):
            try:
                yield read_return_path(address)
            except BadTokenError:
                continue
