"""The clocks of an answer: a pure function of what happened, in the working hours of whoever answers.

Shipped targets of a first answer: public four working hours, private 24 hours, which is the same time on the next
working day (nine working hours). A conversation that was answered once and goes on has its resolution to meet as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from conversations.working_hours import Hours

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
class Targets:
    """Within how many working minutes: the first answer, one that is urgent, and all of it resolved."""

    public: int = PUBLIC_MINUTES
    private: int = PRIVATE_MINUTES
    urgent: int = 60
    resolution: int = 5 * DAY_MINUTES

    def first_answer(self, *, is_public: bool, is_urgent: bool = False) -> int:
        """The target of an answer."""
        usual = self.public if is_public else self.private
        return min(usual, self.urgent) if is_urgent else usual


TARGETS = Targets()


@dataclass(frozen=True, slots=True)
class Clock:
    """Since when somebody waits for us and until when we meant to answer; both None when nobody waits.

    `resolve_by` is until when all of it should be settled: working time counts while it waits for us, and rests while we
    wait for them. None once it is closed.
    """

    waiting_since: datetime | None
    due_at: datetime | None
    resolve_by: datetime | None = None


def read_clock(
    events: Iterable[Event], *, is_public: bool, hours: Hours, targets: Targets = TARGETS, is_urgent: bool = False
) -> Clock:
    """The clock after these events, in whatever order they are given.

    Somebody waits from the first thing they wrote after our last word; an answer, or closing, ends it; while we wait
    for them nothing runs. Reopening starts it anew.
    """
    since: datetime | None = None
    used = 0  # working minutes of the time to resolve it that are gone
    for event in sorted(events, key=lambda one: (one.seen, _RANK[one.kind], one.at)):
        if event.kind == THEIRS:
            since = event.at if since is None else min(since, event.at)
        elif event.kind == REOPENED:
            since = since or event.seen
        else:
            used = 0 if event.kind == CLOSED else used + _minutes(hours, since, event.seen)
            since = None
    if since is None:
        return Clock(None, None)
    due_at = hours.add(since, targets.first_answer(is_public=is_public, is_urgent=is_urgent))
    return Clock(since, due_at, hours.add(since, max(targets.resolution - used, 0)))


def _minutes(hours: Hours, since: datetime | None, until: datetime) -> int:
    return max(int(hours.between(since, until).total_seconds() // 60), 0) if since else 0
