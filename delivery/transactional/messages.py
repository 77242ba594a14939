"""A message to one person because of something that happened: a receipt, a parcel, a confirmation."""

from django.db import transaction
from django.db.models import Max

from contacts.models import Contact
from delivery.engine.controlling import WrongStateError
from delivery.engine.lanes import call_sender
from delivery.models import Message, RecipientChunk


@transaction.atomic
def send_to_one(message: Message, contact: Contact, *, occasion: int) -> RecipientChunk | None:
    """Send a standing message to `contact` because of `occasion` (the trigger's id); None when that was asked before.

    May be repeated: one message, person and occasion is one delivery, whatever happens in between. It passes the same
    gate, lease and journal as a campaign. WrongStateError unless the message is standing and open. Locks the message.
    """
    message = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    if not message.is_standing or message.state != Message.State.SENDING:
        raise WrongStateError(message.get_state_display())
    mine = RecipientChunk.objects.filter(message=message)
    if mine.filter(occasion=occasion, contact_ids__contains=[contact.pk]).exists():
        return None
    number = (mine.aggregate(last=Max("number"))["last"] or 0) + 1
    chunk = RecipientChunk.objects.create(message=message, number=number, occasion=occasion, contact_ids=[contact.pk])
    call_sender(message)
    return chunk


@transaction.atomic
def open_standing(message: Message) -> Message:
    """An approved message from now on takes recipients one at a time. WrongStateError unless it is approved."""
    message = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    if message.state != Message.State.APPROVED:
        raise WrongStateError(message.get_state_display())
    message.is_standing, message.state = True, Message.State.SENDING
    message.save(update_fields=["is_standing", "state"])
    return message
