"""What all offers together changed: those for whom any was planned, against the workspace's own holdout, who get none.

Counted each night, and when somebody looks who has not for a day; pages read what was kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime

from campaigns.charters.lifting import FIRST_DAYS, SECONDS, Lift, groups_between, lift_between
from campaigns.composing import EVERYTHING, MEASURES, workspace_holdout
from campaigns.objectives import Metric
from delivery.models import Message
from engagement.audience_snapshots import next_night
from workspaces.current import working_in
from workspaces.kept_figures import kept_figure
from workspaces.models import Workspace

FIGURE, WORK = "campaigns.everything", MEASURES
FRESH_FOR = timedelta(hours=26)  # a night that was missed is noticed by whoever looks


@dataclass(frozen=True, slots=True)
class LiftOfAll:
    """Who bought, with the difference in what each bought beside it; counted at `at`."""

    lift: Lift
    at: datetime

    @property
    def percent(self) -> int:
        """How many in 100 are held out."""
        return self.lift.percent


def lift_of_all(percent: int) -> LiftOfAll | None:
    """What was counted last of a holdout of `percent`; None where nobody is, or it is being counted."""
    if not percent:
        return None
    kept = kept_figure(FIGURE, percent, fresh_for=FRESH_FOR)
    if kept is None or kept.data is None:
        return None
    since = parse_datetime(kept.data["since"]) if kept.data["since"] else None
    lift = lift_between(kept.data["groups"], since, metric=Metric.PURCHASES, percent=percent, days=FIRST_DAYS)
    return LiftOfAll(lift, kept.at)


def everything_now(percent: int) -> dict[str, Any]:
    """The sums of both groups under a holdout of `percent`, as JSON holds them. One statement and one for the messages."""
    size = percent * 100
    rows = Message.objects.filter(
        purpose=Message.Purpose.MARKETING, planned_at__isnull=False, holdouts__contains=[[EVERYTHING, size]]
    )
    offers = list(rows.order_by("planned_at", "pk").only("pk", "planned_at"))
    since = offers[0].planned_at if offers else None
    groups = groups_between(offers, EVERYTHING, size, Metric.PURCHASES, seconds=SECONDS) if offers else {}
    return {"groups": groups, "since": since.isoformat() if since else None}


def measure_nightly(workspace: Workspace) -> datetime | None:
    """The agenda's work: have it counted anew; returns the next night, None where nobody is held out."""
    with working_in(workspace):
        percent = workspace_holdout()
        if not percent:
            return None
        kept_figure(FIGURE, percent, fresh_for=timedelta(0))
        return next_night()
