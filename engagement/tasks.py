"""Work of this room on the agenda."""

from datetime import datetime

import structlog

from engagement import audience_snapshots
from engagement.announcing_levels import sweep_levels
from engagement.audiences import keep_audiences
from engagement.interests.rebuilding import rebuild_range
from engagement.rebuilding import ranges
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import Workspace

log = structlog.get_logger(__name__)


def announce_levels(workspace: Workspace) -> datetime | None:
    """Announce levels that are due; come back at the next fall."""
    with working_in(workspace):
        return sweep_levels()


def write_audience_snapshots(workspace: Workspace) -> datetime | None:
    """Each night: whose scale counts, how everybody stands, and how they stood a week ago."""
    with working_in(workspace):
        if mended := keep_audiences():
            log.warning("audiences_drifted", workspace=workspace.slug, scores=mended)
    with working_in(workspace):
        audience_snapshots.fill_audience_snapshots()
        audience_snapshots.keep_the_week()
        return audience_snapshots.next_night()


def mend_snapshots(workspace: Workspace) -> datetime | None:
    """Snapshots of days whose facts were corrected."""
    with working_in(workspace):
        return audience_snapshots.mend_audience_snapshots()


def count_interests_anew(workspace: Workspace) -> None:
    """Everybody's interests, range by range, each its own transaction. May be stopped and repeated."""
    with working_in(workspace):
        todo = ranges()
    for whom in todo:
        with working_in(workspace):
            rebuild_range(whom)


def start_audience_snapshots(workspace: Workspace) -> None:
    """A new workspace counts from its first night."""
    agenda.set_due(audience_snapshots.NIGHTLY)
