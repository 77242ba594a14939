"""Which pages people looked at is forgotten after the months that the workspace sets; that they looked stays."""

from datetime import datetime, timedelta

from lib.clock import months_after, next_time_of_day, now
from lib.sql import run_sql
from privacy.keeping import retention
from touchpoints.kinds import KINDS
from workspaces.agenda import set_due
from workspaces.current import working_in
from workspaces.models import Workspace

WORK = "touchpoints.forget_pages"
AT_ONCE = 5_000
FEWEST = timedelta(days=30)  # the owner's function refuses to go nearer


def plan_forgetting_pages(workspace: Workspace) -> None:
    """A new workspace forgets pages each night."""
    set_due(WORK, next_time_of_day(workspace.zone, 3, 50))


def forget_pages_tonight(workspace: Workspace) -> datetime:
    """The agenda's nightly work, 5,000 page views a transaction. Returns the next night."""
    while True:
        with working_in(workspace):
            if forget_pages() < AT_ONCE:
                return next_time_of_day(workspace.zone, 3, 50)


def forget_pages() -> int:
    """Forget the next 5,000 pages that were looked at too long ago; returns how many it was."""
    before = min(months_after(now(), -retention().pages_months), now() - FEWEST)
    params = {"page": KINDS["page"].code, "before": before, "at_once": AT_ONCE}
    return int(run_sql("touchpoints/call_forget_pages", params)[0][0])
