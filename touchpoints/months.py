"""A person's history by month: events under their month, and the strip of the last twelve."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from contacts.merging import everyone_in
from lib.clock import now
from lib.sql import run_sql
from touchpoints.kinds import KINDS
from touchpoints.timeline import Event
from workspaces.current import current_workspace, current_workspace_id

MONTHS = 12
MOST_COUNTED = 1_000  # a month
FROM_US = sorted(kind.code for kind in KINDS.values() if kind.is_outward)
ASKED = re.compile(r"(\d{4})-(\d{2})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Month:
    """The events of one month, in the workspace's zone. One that goes on from the page before has no heading."""

    at: datetime
    events: list[Event]
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """How much came from a person and from us in a month; `share_in` and `share_out` of the busiest, in percent."""

    at: datetime
    theirs: int
    ours: int
    share_in: int = 0
    share_out: int = 0
    is_more: bool = False

    @property
    def top(self) -> int:
        """Where the upper bar begins, in a picture of 200 with its line in the middle."""
        return 100 - self.share_in

    @property
    def key(self) -> str:
        """The month as an address names it."""
        return f"{self.at:%Y-%m}"


def by_month(events: Iterable[Event], *, after: datetime | None = None) -> list[Month]:
    """Events grouped by month, in the workspace's zone; `after` is the moment at which the page before ended."""
    zone = ZoneInfo(current_workspace().zone)
    events = list(events)
    for event in events:
        event.at = event.at.astimezone(zone)
    before = _begin(after.astimezone(zone)) if after else None
    return [
        Month(at, list(group), goes_on=at == before) for at, group in groupby(events, key=lambda one: _begin(one.at))
    ]


def end_of_month(asked: str) -> datetime | None:
    """When the month "2026-09" ends, in the workspace's zone; None for anything else."""
    found = ASKED.match(asked)
    if found is None or not 1970 <= int(found[1]) <= 2200 or not 1 <= int(found[2]) <= 12:
        return None
    return _next(datetime(int(found[1]), int(found[2]), 1, tzinfo=ZoneInfo(current_workspace().zone)))


def count_months(contact_id: int) -> list[Counted]:
    """The last twelve months, the oldest first. One query that reads an index, up to 1,000 facts a month."""
    begins = [_begin(now().astimezone(ZoneInfo(current_workspace().zone)))]
    while len(begins) < MONTHS:
        begins.insert(0, _before(begins[0]))
    params: dict[str, Any] = {
        "workspace": current_workspace_id(),
        "contacts": everyone_in(contact_id),
        "begins": [one.astimezone(UTC) for one in begins],
        "ends": [_next(one).astimezone(UTC) for one in begins],
        "ours": FROM_US,
        "most": MOST_COUNTED,
    }
    found = {place: (total, ours) for place, total, ours in run_sql("touchpoints/months", params)}
    counts = [(one, *found.get(place, (0, 0))) for place, one in enumerate(begins, 1)]
    most = max((max(total - ours, ours) for _at, total, ours in counts), default=0) or 1
    return [
        Counted(at, total - ours, ours, (total - ours) * 100 // most, ours * 100 // most, total >= MOST_COUNTED)
        for at, total, ours in counts
    ]


def _begin(moment: datetime) -> datetime:
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next(begin: datetime) -> datetime:
    return begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)


def _before(begin: datetime) -> datetime:
    return begin.replace(year=begin.year - (begin.month == 1), month=(begin.month - 2) % 12 + 1)
