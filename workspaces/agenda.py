"""What is due when, across all workspaces, without ever scanning them.

A room offers its works in room.py: a name and a function of the workspace that does what is due, opens `working_in`
blocks by itself, and returns the next moment, or None. The beat's tick leases due items and enqueues them; a lost task
comes back when its lease ends.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from lib.clock import now
from lib.rooms import house
from lib.sql import run_sql
from workspaces.current import current_workspace_id
from workspaces.models import AgendaItem, Workspace

LEASE = timedelta(minutes=5)
RETRY_AFTER = timedelta(seconds=30)
BATCH = 200

log = structlog.get_logger(__name__)


def set_due(name: str, at: datetime | None = None) -> None:
    """This work of the open workspace is due at `at` (default: now), or earlier if it already was."""
    run_sql("workspaces/set_due", {"workspace": current_workspace_id(), "work": name, "at": at or now()})


def lease_due_items() -> list[tuple[int, str]]:
    """(workspace id, work) of everything due now, leased for five minutes."""
    moment = now()
    params = {"now": moment, "until": moment + LEASE, "batch": BATCH}
    with transaction.atomic():
        return [(workspace_id, work) for workspace_id, work in run_sql("workspaces/lease_due_items", params)]


def do_work(workspace: Workspace, name: str) -> None:
    """Do one leased item; delete it, or date it anew. An error is kept on the item and tried again."""
    item = AgendaItem.objects.filter(workspace=workspace, work=name).first()
    if item is None or name not in house.works:
        return
    try:
        next_at = house.works[name](workspace)
    except Exception as error:
        log.exception("agenda_failed", work=name, workspace=workspace.slug)
        later = now() + RETRY_AFTER * min(item.attempts, 20)
        AgendaItem.objects.filter(pk=item.pk).update(leased_until=None, due_at=later, last_error=repr(error)[:500])
        return
    untouched = AgendaItem.objects.filter(pk=item.pk, stamp=item.stamp)
    if next_at is None:
        settled = untouched.delete()[0]
    else:
        settled = untouched.update(due_at=next_at, leased_until=None, attempts=0, last_error="")
    if not settled:
        AgendaItem.objects.filter(pk=item.pk).update(leased_until=None, attempts=0)
        if next_at is not None:
            AgendaItem.objects.filter(pk=item.pk, due_at__gt=next_at).update(due_at=next_at)
