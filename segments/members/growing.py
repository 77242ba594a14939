"""How a segment grew or shrank: one count a day, kept by each look at it."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lib.clock import now
from segments.models import Segment, SegmentCount
from workspaces.current import current_workspace

WEEKS = 12


def keep_counts(segments: Iterable[Segment]) -> None:
    """Write today's count of each, over what an earlier look of the day wrote."""
    today = _today()
    SegmentCount.objects.bulk_create(
        [SegmentCount(segment_id=one.pk, day=today, people=one.member_count) for one in segments],
        update_conflicts=True,
        unique_fields=["workspace", "segment", "day"],
        update_fields=["people"],
    )


def growth_of(segment: Segment) -> dict[str, Any] | None:
    """The counts of the last weeks, one a week and the newest, oldest first; None before there are two."""
    if segment.pk is None:
        return None
    since = _today() - timedelta(weeks=WEEKS)
    rows = list(
        SegmentCount.objects.filter(segment=segment, day__gte=since).order_by("day").values_list("day", "people")
    )
    if len(rows) < 2:
        return None
    weeks: dict[int, tuple[date, int]] = {}
    for day, people in rows:
        weeks.setdefault((rows[-1][0] - day).days // 7 if day != rows[-1][0] else -1, (day, people))
    kept = [weeks[week] for week in sorted(weeks, reverse=True)]
    return {"values": [people for _day, people in kept], "since": kept[0][0], "first": kept[0][1]}


def _today() -> date:
    return now().astimezone(ZoneInfo(current_workspace().zone)).date()
