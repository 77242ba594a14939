"""Recipients with unknown outcome: what is known of each, and a person's word on it."""

from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet

from contacts.models import Contact
from delivery.engine.finishing import record_sent
from delivery.engine.resending import can_resend, need_not_be_resent, send_again
from delivery.models import Delivery, Message
from lib.clock import now
from workspaces.auditing import audit
from workspaces.models import User

State = Delivery.State
OPEN_FOR = timedelta(hours=72)  # then nobody will know any more
LEFT = "left"


class Fate(StrEnum):
    """What a person says of one."""

    SENT = "sent"
    RESEND = "resend"
    LEAVE = "leave"


class NotResendableError(ValueError):
    """Its message was cancelled: nothing of it goes out any more."""


def open_doubts(message_id: int) -> QuerySet[Delivery]:
    """Those of a message that somebody may still find out about, the oldest first."""
    return _doubts(message_id).filter(queued_at__gt=now() - OPEN_FOR).exclude(reason=LEFT)


def closed_doubts(message_id: int) -> QuerySet[Delivery]:
    """Those that stay unknown: nobody found out in 72 hours, or somebody left them so."""
    return _doubts(message_id).exclude(pk__in=open_doubts(message_id).values("pk"))


@transaction.atomic
def resolve_doubt(delivery: Delivery, fate: Fate, *, by: User | None) -> bool:
    """A person says that it was sent, has it sent again under its old Message-ID, or leaves it as it is.

    False when it had its word already. NotResendableError. Locks the message.
    """
    message = Message.objects.select_for_update(no_key=True).get(pk=delivery.message_id)
    mine = Delivery.objects.filter(pk=delivery.pk, state=State.IN_DOUBT)
    if fate == Fate.RESEND:
        changed = _resend(message, delivery, mine)
    elif fate == Fate.SENT:
        changed = _note_sent(message, mine, reason="resolved")
    else:
        changed = mine.exclude(reason=LEFT).update(reason=LEFT)
    if changed:
        audit("delivery.resolved", by=by, target=delivery, fate=fate.value)
    return bool(changed)


def settle_by_sign(message: Message, contact: Contact) -> None:
    """Something came back that only a reader of the message can have sent: it arrived. May be repeated."""
    need_not_be_resent(Delivery.objects.filter(message=message, contact=contact))
    _note_sent(message, _doubts(message.pk).filter(contact=contact))


def _note_sent(message: Message, doubts: QuerySet[Delivery], **fields: str) -> int:
    """They were sent, and the ledger says so; how many."""
    rows = list(doubts.select_for_update())
    moment = now()
    for one in rows:
        one.state, one.sent_at = State.SENT, moment
    if rows:
        Delivery.objects.filter(pk__in=[one.pk for one in rows]).update(state=State.SENT, sent_at=moment, **fields)
        record_sent(message, rows)
    return len(rows)


def _doubts(message_id: int) -> QuerySet[Delivery]:
    return Delivery.objects.filter(message=message_id, state=State.IN_DOUBT).order_by("queued_at", "pk")


def _resend(message: Message, delivery: Delivery, mine: QuerySet[Delivery]) -> int:
    if not can_resend(message):
        raise NotResendableError(message.get_state_display())
    changed = send_again(message, mine, delivery.occasion)
    if changed and message.state == Message.State.SENT:
        message.state, message.finished_at = Message.State.SENDING, None
        message.save(update_fields=["state", "finished_at"])
    return changed
