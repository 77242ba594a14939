"""What is due when, across all workspaces, without ever scanning them.

A room registers its work with `@work("name")`: a function of the workspace that does what is due and returns
the next moment, or None. The beat's tick leases due items and enqueues them; a lost task comes back when its
lease ends.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.utils import timezone

from workspaces.current import current_workspace_id
from workspaces.models import AgendaItem, Workspace

LEASE = timedelta(minutes=5)
RETRY_AFTER = timedelta(seconds=30)
BATCH = 200

Work = Callable[[Workspace], datetime | None]
_works: dict[str, Work] = {}
log = structlog.get_logger(__name__)

LEASE_SQL = """
-- Lease the items that are due and free; two ticks at once share them.
UPDATE workspaces_agendaitem AS item
SET leased_until = %(until)s, attempts = attempts + 1
FROM (SELECT id FROM workspaces_agendaitem
      WHERE due_at <= %(now)s AND (leased_until IS NULL OR leased_until < %(now)s)
      ORDER BY due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED) AS due
WHERE item.id = due.id
RETURNING item.workspace_id, item.work
"""
SET_DUE_SQL = """
-- The earlier moment wins; the stamp tells a running worker that something was added meanwhile.
INSERT INTO workspaces_agendaitem (workspace_id, work, due_at, stamp, attempts, last_error)
VALUES (%(workspace)s, %(work)s, %(at)s, 1, 0, '')
ON CONFLICT (workspace_id, work) DO UPDATE
SET due_at = least(workspaces_agendaitem.due_at, excluded.due_at), stamp = workspaces_agendaitem.stamp + 1
"""


def work(name: str) -> Callable[[Work], Work]:
    """Register the function that does this work for one workspace. It opens `working_in` blocks by itself."""

    def register(function: Work) -> Work:
        _works[name] = function
        return function

    return register


def set_due(name: str, at: datetime | None = None) -> None:
    """This work of the open workspace is due at `at` (default: now), or earlier if it already was."""
    with connection.cursor() as cursor:
        cursor.execute(SET_DUE_SQL, {"workspace": current_workspace_id(), "work": name, "at": at or timezone.now()})


def lease_due_items() -> list[tuple[int, str]]:
    """(workspace id, work) of everything due now, leased for five minutes."""
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LEASE_SQL, {"now": now, "until": now + LEASE, "batch": BATCH})
        return list(cursor.fetchall())


def do_work(workspace: Workspace, name: str) -> None:
    """Do one leased item; delete it, or date it anew. An error is kept on the item and tried again."""
    item = AgendaItem.objects.filter(workspace=workspace, work=name).first()
    if item is None or name not in _works:
        return
    try:
        next_at = _works[name](workspace)
    except Exception as error:
        log.exception("agenda_failed", work=name, workspace=workspace.slug)
        later = timezone.now() + RETRY_AFTER * min(item.attempts, 20)
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
