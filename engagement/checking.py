"""Whether the scores that grew event by event are what a count from scratch gives."""

from dataclasses import dataclass

from django.db import transaction

from engagement.formula import SUMS
from engagement.models import Heat, Score
from engagement.rebuilding import rebuild_scores

SMALLEST = 1e-300  # sums of things long ago are tiny, and still compared as what they are


@dataclass(frozen=True, slots=True)
class Difference:
    """How many people were compared, the largest relative difference of any sum, and whose it is."""

    people: int
    largest: float
    contact_id: int | None


def compare_with_rebuild() -> Difference:
    """Rebuild, compare, and take the rebuild back. Nothing is changed; holds the scores while it runs."""
    with transaction.atomic():
        before = _sums()
        rebuild_scores()
        after = _sums()
        transaction.set_rollback(True)
    worst, whose = 0.0, None
    for contact in before.keys() | after.keys():
        for left, right in zip(before.get(contact, _NOTHING), after.get(contact, _NOTHING), strict=True):
            gap = abs(left - right) / max(SMALLEST, abs(left), abs(right))
            if gap > worst:
                worst, whose = gap, contact
    return Difference(len(before), worst, whose)


_NOTHING = (0.0,) * (len(SUMS) + 1)


def _sums() -> dict[int, tuple[float, ...]]:
    heat = dict(Heat.objects.values_list("contact_id", "heat"))
    rows = Score.objects.values_list("contact_id", *SUMS)
    return {row[0]: (*row[1:], heat.get(row[0], 0.0)) for row in rows}
