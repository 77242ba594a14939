"""What this room holds about a person: for which standing campaigns their moment came."""

from collections.abc import Iterator, Sequence
from typing import Any

from campaigns.models import StandingEntry
from lib.personal import plain_rows


def gather_entries(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Each campaign, when it was due, what became of it."""
    rows = StandingEntry.objects.filter(contact__in=ids)
    names = dict(rows.values_list("standing_id", "standing__campaign__message__name"))
    for entry in plain_rows(rows, leave_out={"occasion"}):
        yield {**entry, "standing": names[entry["standing"]]}


def erase_entries(ids: Sequence[int]) -> int:
    """They wait for nothing any more."""
    deleted: int = StandingEntry.objects.filter(contact__in=ids).delete()[0]
    return deleted
