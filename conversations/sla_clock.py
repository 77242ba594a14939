"""The clock of a first answer: a pure function of what happened, in working hours of the workspace's zone.

Public: four working hours. Private: 24 hours, which is the same time on the next working day (nine working hours).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OPENS, CLOSES = time(9), time(18)
WORKING_DAYS = range(5)  # Monday to Friday
DAY_MINUTES = 9 * 60
PUBLIC_MINUTES = 4 * 60
PRIVATE_MINUTES = DAY_MINUTES

THEIRS, OURS, CLOSED, REOPENED = "theirs", "ours", "closed", "reopened"
_RANK = {THEIRS: 0, OURS: 1, CLOSED: 2, REOPENED: 3}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a conversation. `seen` is when we knew of it: a post may arrive late."""

    kind: str
    at: datetime
    seen: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """Since when somebody waits for us and until when we meant to answer; both None when nobody waits."""

    waiting_since: datetime | None
    due_at: datetime | None


def read_clock(events: Iterable[Event], *, is_public: bool, zone: ZoneInfo) -> Clock:
    """The clock after these events, in whatever order they are given.

    Somebody waits from the first thing they wrote after our last word; an answer, or closing, ends it; while we wait
    for them nothing runs. Reopening starts it anew.
    """
    since: datetime | None = None
    for event in sorted(events, key=lambda one: (one.seen, _RANK[one.kind], one.at)):
        if event.kind == THEIRS:
            since = event.at if since is None else min(since, event.at)
        elif event.kind == REOPENED:
            since = since or event.seen
        else:
            since = None
    if since is None:
        return Clock(None, None)
    return Clock(since, add_working(since, PUBLIC_MINUTES if is_public else PRIVATE_MINUTES, zone))


def add_working(start: datetime, minutes: int, zone: ZoneInfo) -> datetime:
    """The moment at which that many working minutes have passed since `start`; the closing hour is still of its day."""
    left = timedelta(minutes=minutes)
    day = start.astimezone(zone).date()
    while True:
        opens, closes = _hours(day, zone)
        begin = max(start, opens)
        if opens < closes and begin <= closes:
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
        day += timedelta(days=1)


def working_between(start: datetime, end: datetime, zone: ZoneInfo) -> timedelta:
    """Working time from `start` to `end`; negative when `end` is earlier."""
    if end < start:
        return -working_between(end, start, zone)
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    passed = timedelta()
    whole_weeks = max((last - day).days - 1, 0) // 7  # between the first and the last day: in one step, not day by day
    while day <= last:
        opens, closes = _hours(day, zone)
        passed += max(min(closes, end) - max(opens, start), timedelta())
        day += timedelta(days=1)
        if whole_weeks:
            passed += timedelta(minutes=5 * DAY_MINUTES * whole_weeks)
            day += timedelta(days=7 * whole_weeks)
            whole_weeks = 0
    return passed


def _hours(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Opening and closing of a day, in UTC (aware arithmetic inside one zone ignores its clock changes)."""
    opens = datetime.combine(day, OPENS, zone).astimezone(UTC)
    if day.weekday() not in WORKING_DAYS:
        return opens, opens
    return opens, datetime.combine(day, CLOSES, zone).astimezone(UTC)
