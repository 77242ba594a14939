"""What this room holds about a person: the segments they are in."""

from collections.abc import Iterator, Sequence
from typing import Any

from segments.models import BulkChange, SegmentMember, SegmentPick


def gather_segments(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Each segment, and since when."""
    rows = SegmentMember.objects.filter(contact__in=ids).select_related("segment").order_by("entered_at", "pk")
    for row in rows:
        yield {"segment": row.segment.name, "since": row.entered_at}
    for pick in SegmentPick.objects.filter(contact__in=ids).select_related("segment").order_by("picked_at", "pk"):
        yield {"picked_for": pick.segment.name, "at": pick.picked_at}
    changes = BulkChange.objects.filter(contact__in=ids, before__isnull=False).select_related("action")
    for change in changes.order_by("pk"):
        yield {"changed_with_others": change.action.verb, "at": change.action.at, "before": change.before}


def erase_segments(ids: Sequence[int]) -> int:
    """They leave every segment and every list; how they were before something was done to many is forgotten."""
    BulkChange.objects.filter(contact__in=ids).delete()
    picks = SegmentPick.objects.filter(contact__in=ids).delete()[0]
    return int(picks + SegmentMember.objects.filter(contact__in=ids).delete()[0])
