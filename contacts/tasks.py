"""What this room does in the background."""

from datetime import datetime
from pathlib import Path

from django.utils import timezone

from contacts.importing import starting
from contacts.importing.running import run_slice
from contacts.models import ImportRun
from contacts.segments import rechecking
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import Workspace

CHUNKS_SECONDS = 2
FINISHED = (ImportRun.State.DONE, ImportRun.State.FAILED)
agenda.work(rechecking.WORK)(rechecking.recheck_due)
agenda.work(rechecking.AUDIT)(rechecking.audit_tonight)


@agenda.work(starting.WORK)
def run_imports(workspace: Workspace) -> datetime | None:
    """Go on with the imports that wait, a few chunks a transaction, for about 20 s; a killed one is taken up again."""
    until = timezone.now().timestamp() + rechecking.SLICE_SECONDS
    while timezone.now().timestamp() < until:
        with working_in(workspace):
            run = ImportRun.objects.filter(state__in=["running", "waiting"]).order_by("created_at").first()
            if run is None:
                return None
            run_slice(run, seconds=CHUNKS_SECONDS)
        with working_in(workspace):
            run.refresh_from_db()
            if run.state in FINISHED:
                Path(run.path).unlink(missing_ok=True)
    return timezone.now()
