"""Whether a programme met its target on the day of its check, and who still owes one a target."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from campaigns.models import Campaign, Programme, ProgrammeFigure
from engagement.models import Objective
from lib.clock import now
from workspaces.current import current_workspace

REMINDED_AFTER = 3  # sends without a target


@dataclass(frozen=True, slots=True)
class Checked:
    """The figure of the day on which it was to be looked at, against the target."""

    day: date
    value: float
    target: float
    is_met: bool


def today() -> date:
    """The day in the workspace's zone."""
    return now().astimezone(ZoneInfo(current_workspace().zone)).date()


def is_due(goal: Objective | None) -> bool:
    """Whether the day of the check has come."""
    return bool(goal and goal.target is not None and goal.check_on and goal.check_on <= today())


def checked_of(programme: Programme, goal: Objective | None) -> Checked | None:
    """How it ended: the last figure up to the check's day; None before the day, and where nothing was measured by then."""
    if goal is None or goal.target is None or goal.check_on is None or not is_due(goal):
        return None
    rows = ProgrammeFigure.objects.filter(programme=programme, metric=goal.metric, day__lte=goal.check_on)
    last = rows.order_by("day").last()
    if last is None:
        return None
    upwards = goal.target >= (goal.baseline or 0.0)
    is_met = last.value >= goal.target if upwards else last.value <= goal.target
    return Checked(goal.check_on, last.value, goal.target, is_met)


def with_sends(programmes: QuerySet[Programme]) -> QuerySet[Programme]:
    """Each with `sent_count`: campaigns for which people were planned. No further statement."""
    sent = Campaign.objects.seen().filter(programme=OuterRef("pk"), message__planned_at__isnull=False).order_by()
    count = sent.values("programme").annotate(count=Count("id")).values("count")
    return programmes.annotate(sent_count=Coalesce(Subquery(count), 0))


def lacks_target(programme: Programme, sent_count: int) -> bool:
    """Whether it runs, wrote three times and still has no target."""
    has_target = programme.objective is not None and programme.objective.target is not None
    return programme.is_active and not has_target and sent_count >= REMINDED_AFTER


def asks_of(programmes: Iterable[Programme]) -> list[tuple[Programme, str]]:
    """Who waits for a word: ("target": none yet after the third send, "next": its check's day has come)."""
    found = []
    for one in programmes:
        if lacks_target(one, one.sent_count):  # type: ignore[attr-defined]
            found.append((one, "target"))
        elif one.is_active and is_due(one.objective):
            found.append((one, "next"))
    return found
