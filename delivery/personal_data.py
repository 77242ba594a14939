"""What this room holds about a person: what was sent to them, and the one day that is kept of who allows no more."""

from collections.abc import Iterator, Sequence
from typing import Any

from delivery.models import Delivery, LastOpen
from lib.personal import plain_rows

OURS = {"epoch", "attempts", "occasion", "not_before"}


def gather_deliveries(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Each message, to which address, what became of it."""
    rows = Delivery.objects.filter(contact__in=ids).select_related("message")
    names = dict(rows.values_list("message_id", "message__name"))
    for entry in plain_rows(rows, leave_out=OURS):
        yield {**entry, "message": names[entry["message"]]}
    yield from plain_rows(LastOpen.objects.filter(contact__in=ids))


def erase_deliveries(ids: Sequence[int]) -> int:
    """Addresses and what servers answered; that something was sent stays in the sums. What waits is not sent."""
    rows, waiting = Delivery.objects.filter(contact__in=ids), [Delivery.State.QUEUED, Delivery.State.DEFERRED]
    rows.filter(state__in=waiting).update(state=Delivery.State.EXCLUDED, reason="erased")
    LastOpen.objects.filter(contact__in=ids).delete()
    return rows.update(address="", answer="")
