"""What this room holds about a person: the segments they are in."""

from collections.abc import Iterator, Sequence
from typing import Any

from segments.models import SegmentMember


def gather_segments(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Each segment, and since when."""
    rows = SegmentMember.objects.filter(contact__in=ids).select_related("segment").order_by("entered_at", "pk")
    for row in rows:
        yield {"segment": row.segment.name, "since": row.entered_at}


def erase_segments(ids: Sequence[int]) -> int:
    """They leave every segment."""
    return int(SegmentMember.objects.filter(contact__in=ids).delete()[0])
