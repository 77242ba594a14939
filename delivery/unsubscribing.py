"""Unsubscribing: a person says no to what we send, by one click or by their mailbox's button."""

from django.db import transaction

from consent.consenting import addresses_of, withdraw_consent
from consent.models import Suppression
from consent.suppressing import suppress_all
from contacts.channels import Channel
from contacts.models import Contact
from delivery.engine.doubts import settle_by_sign
from delivery.engine.finishing import message_source
from delivery.models import Delivery, Message
from delivery.pace.complaint_guard import guard_complaints
from delivery.senders import channel_of
from lib.clock import now
from touchpoints.facts import Fact
from touchpoints.recording import record


@transaction.atomic
def unsubscribe(
    contact: Contact, message: Message, *, everything: bool = False, ip: str | None = None, agent: str = ""
) -> None:
    """Nothing more on the message's topic (or of any kind) by its channel, from this moment, planned ones included.

    May be repeated: the second time nothing changes.
    """
    moment = now()
    recorded = record(
        [_fact("unsubscribed", contact, message, {"everything": everything})], source=message_source(message)
    )
    topic = None if everything else message.topic
    withdraw_consent(
        contact,
        topic=topic,
        channel=channel_of(message.sender),
        source=f"message {message.pk}",
        touchpoint_id=recorded.ids[0],
        ip=ip,
        agent=agent,
    )
    Delivery.objects.filter(message=message, contact=contact, unsubscribed_at=None).update(unsubscribed_at=moment)
    settle_by_sign(message, contact)


@transaction.atomic
def note_complaint(contact: Contact, message: Message) -> None:
    """They marked the message as spam: `take_complaint`, noted on what they got of it. May be repeated.

    Locks the message first, as whoever finishes a chunk does: both may write the same address onto the suppression list.
    """
    Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    take_complaint(contact, message)
    Delivery.objects.filter(message=message, contact=contact, complained_at=None).update(complained_at=now())
    settle_by_sign(message, contact)
    guard_complaints(message)


@transaction.atomic
def take_complaint(contact: Contact, message: Message) -> None:
    """Never write to them again, and every yes is taken back. May be repeated. The delivery is noted by the caller."""
    addresses = addresses_of(contact, Channel.EMAIL)
    suppress_all(addresses, reason=Suppression.Reason.COMPLAINT, source=f"message {message.pk}")
    recorded = record([_fact("complained", contact, message, {})], source=message_source(message))
    withdraw_consent(contact, topic=None, source=f"message {message.pk}", touchpoint_id=recorded.ids[0])


def _fact(kind: str, contact: Contact, message: Message, payload: dict[str, object]) -> Fact:
    return Fact(
        kind=kind,
        external_id=f"{kind}:{contact.pk}",
        contact_id=contact.pk,
        message_id=message.pk,
        payload=payload,
    )
