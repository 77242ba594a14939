"""What this room does in the background."""

from datetime import datetime
from pathlib import Path

from imports.models import ImportRun
from imports.running import run_slice
from lib.clock import now
from segments import rechecking
from workspaces.current import working_in
from workspaces.models import Workspace
from workspaces.surveying import survey

CHUNKS_SECONDS = 2
FINISHED = (ImportRun.State.DONE, ImportRun.State.FAILED)


def run_imports(workspace: Workspace) -> datetime | None:
    """Go on with the imports that wait, a few chunks a transaction, for about 20 s; a killed one is taken up again."""
    until = now().timestamp() + rechecking.SLICE_SECONDS
    while now().timestamp() < until:
        with working_in(workspace):
            run = ImportRun.objects.filter(state__in=["running", "waiting"]).order_by("created_at").first()
            if run is None:
                return None
            survey()
            run_slice(run, seconds=CHUNKS_SECONDS)
        with working_in(workspace):
            run.refresh_from_db()
            if run.state in FINISHED:
                Path(run.path).unlink(missing_ok=True)
    return now()
