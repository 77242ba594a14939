"""Recipients with unknown outcome: what is known of each, and a person's word on it.

Of what goes to many none is ever resent by itself. What one person waits for (a receipt, a code) is: twice is better
than never, and under the same Message-ID most mailboxes show it once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Greatest

from contacts.models import Contact
from delivery.lanes import call_sender
from delivery.models import Delivery, Message, RecipientChunk
from lib.clock import now
from workspaces.auditing import audit
from workspaces.models import User

State = Delivery.State
OPEN_FOR = timedelta(hours=72)  # then nobody will know any more
LEFT, UNKNOWN = "left", "unknown"
AGAIN_AFTER, MOST_RESENDS = timedelta(minutes=1), 3
RESENT_BY_ITSELF = {Message.Purpose.TRANSACTIONAL, Message.Purpose.CONFIRMATION}
RESENDABLE = {Message.State.SENDING, Message.State.PAUSED, Message.State.SENT}


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


def can_resend(message: Message) -> bool:
    """Whether anything of the message may still go out."""
    return message.state in RESENDABLE


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
        changed = mine.update(state=State.SENT, reason="resolved", sent_at=now())
    else:
        changed = mine.exclude(reason=LEFT).update(reason=LEFT)
    if changed:
        audit("delivery.resolved", by=by, target=delivery, fate=fate.value)
    return bool(changed)


def settle_by_sign(message: Message, contact: Contact) -> None:
    """Something came back that only a reader of the message can have sent: it arrived. May be repeated."""
    waits = Q(state=State.DEFERRED, reason=UNKNOWN)
    open_ones = Delivery.objects.filter(Q(state=State.IN_DOUBT) | waits, message=message, contact=contact)
    open_ones.update(state=State.SENT, sent_at=now())


def resend_by_itself(message: Message, contact_ids: Iterable[int], occasion: int) -> None:
    """What became unknown just now of a message that one person waits for goes out again in a minute, three times at most.

    The caller holds the message's lock. Does nothing for what goes to many, and while nothing of it may go out.
    """
    if not message.is_urgent or message.purpose not in RESENT_BY_ITSELF or not can_resend(message):
        return
    mine = _doubts(message.pk).filter(contact__in=list(contact_ids), occasion=occasion, resends__lt=MOST_RESENDS)
    _send_again(message, mine, occasion, at=now() + AGAIN_AFTER)


def _doubts(message_id: int) -> QuerySet[Delivery]:
    return Delivery.objects.filter(message=message_id, state=State.IN_DOUBT).order_by("queued_at", "pk")


def _resend(message: Message, delivery: Delivery, mine: QuerySet[Delivery]) -> int:
    if not can_resend(message):
        raise NotResendableError(message.get_state_display())
    changed = _send_again(message, mine, delivery.occasion)
    if changed and message.state == Message.State.SENT:
        message.state, message.finished_at = Message.State.SENDING, None
        message.save(update_fields=["state", "finished_at"])
    return changed


def _send_again(message: Message, rows: QuerySet[Delivery], occasion: int, at: datetime | None = None) -> int:
    """They wait in a chunk of their own; the attempt that it was is not counted, so the Message-ID stays the same."""
    people = list(rows.values_list("contact_id", flat=True))
    if not people:
        return 0
    waits = {"state": State.DEFERRED, "reason": UNKNOWN} if at else {"state": State.QUEUED, "reason": ""}
    counted = {"attempts": Greatest(F("attempts") - 1, 0), "resends": F("resends") + 1, "not_before": at}
    Delivery.objects.filter(pk__in=rows.values("pk")).update(**waits, **counted)
    last = RecipientChunk.objects.filter(message=message).aggregate(last=Max("number"))["last"] or 0
    RecipientChunk.objects.create(
        message=message, number=last + 1, occasion=occasion, contact_ids=sorted(people), not_before=at
    )
    call_sender(message, at)
    return len(people)
