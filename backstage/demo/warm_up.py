"""The demo's second sender, whose domain is new: in the middle of its warm-up plan."""

from datetime import datetime, timedelta

from deliverability.warming import begin_warm_up
from delivery.models import Sender, WarmUp
from delivery.pace.rationing import today_of
from delivery.pace.warming_up import USUAL_MOST
from workspaces.models import User, Workspace

STEP, SENT_TODAY, DAYS = 4, 320, 9


def make_warm_up(workspace: Workspace, now: datetime, owner: User) -> None:
    """A sender that has come to 800 a day, and has sent some of them today."""
    sender = Sender.objects.create(
        kind="smtp",
        name="Tea club, new domain",
        settings={
            "host": "127.0.0.1",
            "port": 1025,
            "security": "none",
            "from_name": "Kettle & Co tea club",
            "from_email": "club@club.kettle.example",
        },
        tested_at=now,
    )
    plan = begin_warm_up(sender, most=USUAL_MOST, days_a_step=WarmUp.Pace.USUAL, by=owner)
    WarmUp.objects.filter(pk=plan.pk).update(
        step=STEP,
        good_days=1,
        day=today_of(workspace),
        taken_count=SENT_TODAY,
        judged_on=today_of(workspace) - timedelta(days=1),
        started_at=now - timedelta(days=DAYS),
        stepped_at=now - timedelta(days=1),
    )
