"""The clocks of an answer: a pure function of what happened, in the working hours of whoever answers.

Shipped targets of a first answer: public four working hours, private 24 hours, which is the same time on the next
working day (nine working hours). A team says more: a time for each kind of channel and of message. Whatever is asked
first, the soonest of all that waits counts: a complaint after a question brings the answer forward, praise after a
complaint puts nothing off. A conversation that was answered once and goes on has its resolution to meet as well.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from conversations.service_levels.working_hours import Hours

DAY_MINUTES = 9 * 60
PUBLIC_MINUTES = 4 * 60
PRIVATE_MINUTES = DAY_MINUTES

THEIRS, OURS, CLOSED, REOPENED = "theirs", "ours", "closed", "reopened"
COMPLAINT, NORMAL, PRAISE = "complaint", "normal", "praise"  # what they ask for
URGENT, RESOLVED = "urgent", "resolved"
_RANK = {THEIRS: 0, OURS: 1, CLOSED: 2, REOPENED: 3}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a conversation. `seen` is when we knew of it: a post may arrive late.

    `asks` and `is_urgent` say of what they wrote which time to answer it has.
    """

    kind: str
    at: datetime
    seen: datetime
    asks: str = NORMAL
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Targets:
    """Within how many working minutes: the first answer, one that is urgent, and all of it resolved (0: no end).

    `own` are those of a kind of channel (channel_kinds.py) and of what is asked (or RESOLVED); where it says nothing of a
    complaint or of praise, that kind's NORMAL counts, and where it says nothing of that, the usual.
    """

    public: int = PUBLIC_MINUTES
    private: int = PRIVATE_MINUTES
    urgent: int = 60
    resolution: int = 5 * DAY_MINUTES
    own: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def first_answer(self, *, is_public: bool, channel: str = "", asks: str = NORMAL) -> int:
        """The target of an answer, in working minutes."""
        usual, own = self.public if is_public else self.private, self.own.get(channel, {})
        return own.get(asks, own.get(NORMAL, usual))

    def resolved(self, channel: str = "") -> int:
        """The target of all of it, in working minutes; 0: none."""
        return self.own.get(channel, {}).get(RESOLVED, self.resolution)


TARGETS = Targets()


@dataclass(frozen=True, slots=True)
class Clock:
    """Since when somebody waits for us and until when we meant to answer; both None when nobody waits.

    `resolve_by` is until when all of it should be settled: working time counts while it waits for us, and rests while we
    wait for them. None once it is closed. `minutes` is the target that decided, `because` what was asked that has it:
    COMPLAINT, NORMAL, PRAISE or URGENT. `half_at` is when half of that target has gone by, `last_quarter_at` three quarters.
    """

    waiting_since: datetime | None
    due_at: datetime | None
    resolve_by: datetime | None = None
    minutes: int = 0
    because: str = ""
    half_at: datetime | None = None
    last_quarter_at: datetime | None = None


def read_clock(
    events: Iterable[Event], *, is_public: bool, hours: Hours, targets: Targets = TARGETS, channel: str = ""
) -> Clock:
    """The clock after these events, in whatever order they are given.

    Somebody waits from the first thing they wrote after our last word; an answer, or closing, ends it; while we wait
    for them nothing runs. Reopening starts it anew. Of all that waits, what is due soonest decides.
    """
    waiting: dict[tuple[str, bool], datetime] = {}  # (what is asked, whether it is urgent) → the first of it
    used = 0  # working minutes of the time to resolve it that are gone
    for event in sorted(events, key=lambda one: (one.seen, _RANK[one.kind], one.at)):
        key = event.asks, event.is_urgent
        if event.kind == THEIRS:
            waiting[key] = min(waiting.get(key, event.at), event.at)
        elif event.kind == REOPENED:
            waiting = waiting or {(NORMAL, False): event.seen}
        else:
            since = min(waiting.values(), default=None)
            used = 0 if event.kind == CLOSED else used + _minutes(hours, since, event.seen)
            waiting = {}
    if not waiting:
        return Clock(None, None)
    since, resolution = min(waiting.values()), targets.resolved(channel)
    resolve_by = hours.add(since, max(resolution - used, 0)) if resolution else None
    due = []
    for (asked, is_urgent), at in waiting.items():
        minutes = targets.first_answer(is_public=is_public, channel=channel, asks=asked)
        hurries = is_urgent and targets.urgent < minutes
        minutes, because = (targets.urgent, URGENT) if hurries else (minutes, asked)
        due.append((hours.add(at, minutes), minutes, because, at))
    due_at, minutes, because, at = min(due)
    half_at, last_quarter_at = hours.add(at, (minutes + 1) // 2), hours.add(at, (3 * minutes + 3) // 4)
    return Clock(since, due_at, resolve_by, minutes, because, half_at, last_quarter_at)


def _minutes(hours: Hours, since: datetime | None, until: datetime) -> int:
    return max(int(hours.between(since, until).total_seconds() // 60), 0) if since else 0
