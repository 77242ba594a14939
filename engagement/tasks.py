"""Work of this room on the agenda."""

from datetime import datetime

from engagement.levels import sweep_levels
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import Workspace


@agenda.work("engagement.levels")
def announce_levels(workspace: Workspace) -> datetime | None:
    """Announce levels that are due; come back at the next fall."""
    with working_in(workspace):
        return sweep_levels()
