"""Work of this room on the agenda."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ecrm.lib.clock import now
from engagement.levels import sweep_levels
from engagement.standings import fill_standings, keep_the_week
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import Workspace


@agenda.work("engagement.levels")
def announce_levels(workspace: Workspace) -> datetime | None:
    """Announce levels that are due; come back at the next fall."""
    with working_in(workspace):
        return sweep_levels()


@agenda.work("engagement.standings")
def write_standings(workspace: Workspace) -> datetime | None:
    """Each night: how everybody stands, and how they stood a week ago. Next at 3:15 in the workspace's zone."""
    with working_in(workspace):
        fill_standings()
        keep_the_week()
    local = now().astimezone(ZoneInfo(workspace.zone))
    return (local + timedelta(days=1)).replace(hour=3, minute=15, second=0, microsecond=0)


def start_standings(**_: object) -> None:
    """A new workspace counts from its first night."""
    agenda.set_due("engagement.standings")
