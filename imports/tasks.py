"""What this room does in the background."""

from datetime import datetime
from pathlib import Path

import structlog
from django.utils.translation import gettext as _

from imports.models import ImportRun
from imports.running import run_slice, stop_run
from imports.starting import FORGOTTEN_AFTER
from imports.twins import forget
from imports.undoing.running import undo_slice
from lib.clock import now
from lib.retrying import is_passing
from segments.members import rechecking
from workspaces.current import working_in
from workspaces.models import Workspace
from workspaces.surveying import survey

CHUNKS_SECONDS = 2
UNDOING = (ImportRun.State.COUNTING, ImportRun.State.UNDOING)
GOING = (ImportRun.State.RUNNING, ImportRun.State.WAITING, *UNDOING)
FINISHED = (ImportRun.State.DONE, ImportRun.State.FAILED, ImportRun.State.UNDONE)

log = structlog.get_logger(__name__)


def run_imports(workspace: Workspace) -> datetime | None:
    """Go on with the imports that wait, a few chunks a transaction, for about 20 s; a killed one is taken up again.

    One that fails for a reason nobody foresaw is stopped and says why: it holds back none of those behind it.
    """
    until = now().timestamp() + rechecking.SLICE_SECONDS
    while now().timestamp() < until:
        with working_in(workspace):
            run = ImportRun.objects.filter(state__in=GOING).order_by("created_at").first()
        if run is None:
            return None
        try:
            with working_in(workspace):
                survey()
                go_on = undo_slice if run.state in UNDOING else run_slice
                go_on(run, seconds=CHUNKS_SECONDS)
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("import_stopped", run=run.pk, workspace=workspace.slug)
            with working_in(workspace):
                stop_run(run.pk, error)
        with working_in(workspace):
            run.refresh_from_db()
            if run.state in FINISHED:
                forget(Path(run.path))
    return now()


def forget_files(workspace: Workspace) -> datetime | None:
    """The agenda's work: a file that nobody went on with for 30 days goes; its people never asked us to hold it.

    Returns when the next one does. May be repeated.
    """
    with working_in(workspace):
        left = ImportRun.objects.filter(state__in=[ImportRun.State.MAPPING, ImportRun.State.PAUSED]).order_by(
            "created_at"
        )
        for run in left.filter(created_at__lte=now() - FORGOTTEN_AFTER):
            forget(Path(run.path))
            run.state, run.finished_at = ImportRun.State.FAILED, now()
            run.error = _(
                "Nobody went on with it for 30 days, so the file was deleted. Upload it again; what came in stays."
            )
            run.save(update_fields=["state", "finished_at", "error"])
        oldest = left.values_list("created_at", flat=True).first()
    return oldest + FORGOTTEN_AFTER if oldest else None
