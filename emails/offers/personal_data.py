"""The codes of one person: gathered for them, and erased with them."""

from collections.abc import Iterator, Sequence
from typing import Any

from emails.models import OfferCode
from lib.personal import plain_rows


def gather_codes(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Each code they were given or used, of which offer, and when."""
    rows = OfferCode.objects.filter(contact__in=ids)
    names = dict(rows.values_list("pool_id", "pool__name").distinct())
    for entry in plain_rows(rows, leave_out={"folded", "is_shared", "occasion", "added_at"}):
        yield {**entry, "pool": names[entry["pool"]]}


def erase_codes(ids: Sequence[int]) -> int:
    """That a code was given and used stays, so that nobody gets it again; whose it was and for which order goes."""
    return OfferCode.objects.filter(contact__in=ids).update(contact=None, order_id="")
