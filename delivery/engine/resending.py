"""Sending again what nobody knows of, under its old Message-ID: by itself where one person waits for it, else by hand.

Of what goes to many none is ever sent again by itself. What one person waits for (a receipt, a code) is: twice is better
than never, and under the same Message-ID most mailboxes show it once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Greatest

from delivery.engine.lanes import call_sender
from delivery.engine.urgency import is_urgent
from delivery.models import Delivery, Message, RecipientChunk
from lib.clock import now

State = Delivery.State
UNKNOWN = "unknown"
AGAIN_AFTER, MOST_RESENDS = timedelta(minutes=1), 3
RESENT_BY_ITSELF = {Message.Purpose.TRANSACTIONAL, Message.Purpose.CONFIRMATION}
RESENDABLE = {Message.State.SENDING, Message.State.PAUSED, Message.State.SENT}
WAITS = Q(state=State.DEFERRED, reason=UNKNOWN)


def can_resend(message: Message) -> bool:
    """Whether anything of the message may still go out."""
    return message.state in RESENDABLE


def resend_by_itself(message: Message, contact_ids: Iterable[int], occasion: int) -> None:
    """What became unknown just now of a message that one person waits for goes out again in a minute, three times at most.

    The caller holds the message's lock. Does nothing for what goes to many, and while nothing of it may go out.
    """
    if not is_urgent(message) or message.purpose not in RESENT_BY_ITSELF or not can_resend(message):
        return
    doubts = Delivery.objects.filter(message=message, contact__in=list(contact_ids), occasion=occasion)
    few = doubts.filter(state=State.IN_DOUBT, resends__lt=MOST_RESENDS)
    send_again(message, few, occasion, at=now() + AGAIN_AFTER)


def send_again(message: Message, rows: QuerySet[Delivery], occasion: int, at: datetime | None = None) -> int:
    """They wait in a chunk of their own; the attempt that it was is not counted, so the Message-ID stays the same.

    The caller holds the message's lock. Returns how many.
    """
    found = list(rows.values_list("pk", "contact_id"))
    if not found:
        return 0
    state, reason = (State.DEFERRED, UNKNOWN) if at else (State.QUEUED, "")
    counted = {"attempts": Greatest(F("attempts") - 1, 0), "resends": F("resends") + 1}
    mine = Delivery.objects.filter(pk__in=[pk for pk, _contact in found])
    mine.update(state=state, reason=reason, not_before=at, **counted)
    last = RecipientChunk.objects.filter(message=message).aggregate(last=Max("number"))["last"] or 0
    people = sorted(contact for _pk, contact in found)
    RecipientChunk.objects.create(
        message=message, number=last + 1, occasion=occasion, contact_ids=people, not_before=at
    )
    call_sender(message, at)
    return len(found)


def need_not_be_resent(rows: QuerySet[Delivery]) -> None:
    """Those of `rows` that wait to be sent again stand in doubt again, as the attempt that they were. May be repeated."""
    rows.filter(WAITS).update(state=State.IN_DOUBT, attempts=F("attempts") + 1, not_before=None)
