"""Whether interests are what the ledger says: the incremental sums beside those of a rebuild that is rolled back."""

from django.db import transaction

from engagement.interests.rebuilding import rebuild_interests
from engagement.models import Interest


def largest_difference() -> float:
    """How far the kept sums are from a rebuild's, as a share of the larger; 1 for a row that only one of them has."""
    with transaction.atomic():
        before = _rows()
        rebuild_interests()
        after = _rows()
        transaction.set_rollback(True)
    found = 0.0
    for key in before.keys() | after.keys():
        kept, counted = before.get(key), after.get(key)
        if kept is None or counted is None or kept[1] != counted[1]:
            return 1.0
        found = max(found, abs(kept[0] - counted[0]) / max(abs(kept[0]), abs(counted[0]), 1e-300))
    return found


def _rows() -> dict[tuple[int, int], tuple[float, int]]:
    rows = Interest.objects.values_list("contact_id", "tag_id", "sum", "said")
    return {(contact, tag): (total, said) for contact, tag, total, said in rows if total or said}
