"""What is due when, across all workspaces, without ever scanning them.

A room offers its works in room.py: a name and a function of the workspace that does what is due, opens `working_in`
blocks by itself, and returns the next moment, or None. The beat's tick invites workers to what is due; an invitation
that gets lost is written again. The worker that begins an item holds it and renews its lease by a heartbeat for as long
as it works, so that longer work never starts twice; what a dead process held is given back within seconds.
"""

import threading
import time
from datetime import datetime, timedelta
from typing import Any, Self

import structlog
from django.db import DatabaseError, connection, transaction

from lib.clock import now
from lib.presence import gone_names, own_name
from lib.retrying import AWAY, HUNG_UP
from lib.rooms import house
from lib.sql import read_sql, run_prepared, run_sql
from workspaces.current import current_workspace_id
from workspaces.languages import team_language
from workspaces.models import AgendaItem, Workspace

HEARTBEAT_SECONDS = 5.0  # a lease lives 30 s: five beats may fail
HUNG_AFTER_SECONDS = 3_600  # its process is ended then; a thread cannot be, so its lease runs out and another goes on
RETRY_AFTER = timedelta(seconds=30)
SOON = timedelta(seconds=2)
LEFT = ("08", "57P", HUNG_UP)  # SQLSTATEs: connection exceptions, shutdown; a connection that broke off has none
SETTLE_TRIES, SETTLE_PAUSE_SECONDS = 60, 1.0
BATCH = 200

log = structlog.get_logger(__name__)


def set_due(name: str, at: datetime | None = None) -> None:
    """This work of the open workspace is due at `at` (default: now), or earlier if it already was."""
    run_prepared(read_sql("workspaces/set_due"), {"workspace": current_workspace_id(), "work": name, "at": at or now()})


def due_sql() -> str:
    """The same as a CTE's body, of %(work)s in %(workspace)s at %(at)s, for a statement that does something to be followed."""
    return read_sql("workspaces/set_due")


def invite_due_items() -> list[tuple[int, str]]:
    """(workspace id, work) of everything that is due and free; not named again until the invitation counts as lost."""
    with transaction.atomic():
        return [(one, work) for one, work in run_sql("workspaces/invite_due_items", {"now": now(), "batch": BATCH})]


def take_back_invitation(workspace_id: int, name: str) -> None:
    """Nobody got it: the next tick invites again."""
    item = AgendaItem.objects.filter(workspace=workspace_id, work=name, held_by="", invited_count__gt=0)
    item.update(leased_until=None, invited_count=0)


def free_items_of_the_dead() -> int:
    """Give back what processes of this host held when they ended, however they did; returns how many items."""
    gone = gone_names()
    freed = run_sql("workspaces/free_items", {"gone": gone, "now": now()}) if gone else []
    for workspace_id, work, attempts in freed:
        log.warning("agenda_freed", work=work, workspace_id=workspace_id, attempts=attempts)
    return len(freed)


def do_work(workspace: Workspace, name: str) -> bool:
    """Do one item, then delete it or date it anew; False when it is not due, or somebody else is at it.

    Done in the workspace's language. An error is kept on the item and tried again. What came of it is not written when
    the item was taken over meanwhile.
    """
    mine = {"workspace": workspace.pk, "work": name, "by": own_name(), "now": now()}
    begun = run_sql("workspaces/begin_item", mine) if name in house.works else []
    if not begun:
        return False
    item_id, epoch, stamp, attempts = begun[0]
    next_at, error = None, ""
    with _Heartbeat(item_id, epoch):
        try:
            with team_language(workspace):
                next_at = house.works[name](workspace)
        except Exception as failure:
            log.exception("agenda_failed", work=name, workspace=workspace.slug)
            pause = SOON if _went_away(failure) else RETRY_AFTER * min(attempts, 20)
            next_at, error = now() + pause, repr(failure)[:500]
        _settle_for_sure({"id": item_id, "epoch": epoch, "stamp": stamp, "next_at": next_at, "error": error})
    return True


def _went_away(failure: Exception) -> bool:
    """Whether it failed because the database left: the work is not to blame, and goes on soon."""
    if not isinstance(failure, AWAY):
        return False
    state = getattr(failure.__cause__, "sqlstate", None)
    return state is None or state.startswith(LEFT)


def _settle_for_sure(mine: dict[str, Any]) -> None:
    """Give the item back; while the database is away, try again and again: nobody else could go on meanwhile."""
    for _ in range(SETTLE_TRIES):
        try:
            _settle(**mine)
        except AWAY as error:
            if not _went_away(error):
                raise
            log.warning("agenda_waits_for_database", item=mine["id"])
            connection.close()
            time.sleep(SETTLE_PAUSE_SECONDS)
        else:
            return


def _settle(id: int, epoch: int, stamp: int, next_at: datetime | None, error: str) -> None:  # noqa: A002
    mine = {"id": id, "epoch": epoch, "stamp": stamp, "next_at": next_at, "error": error}
    if next_at is None and AgendaItem.objects.filter(pk=id, epoch=epoch, stamp=stamp).delete()[0]:
        return
    if not run_sql("workspaces/settle_item", mine):
        log.warning("agenda_lease_lost", item=id, epoch=epoch)


class _Heartbeat:
    """Renews the lease of an item while its work runs, unless it hangs: a thread with a database connection of its own.

    Work shorter than a beat never opens that connection. A database that is away is asked again at the next beat.
    """

    def __init__(self, item_id: int, epoch: int) -> None:
        self._mine = {"id": item_id, "epoch": epoch, "by": own_name()}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="agenda-heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(2)  # a beat that hangs must not hold up the result

    def _run(self) -> None:
        try:
            began = time.monotonic()
            while not self._ended.wait(HEARTBEAT_SECONDS):
                if time.monotonic() - began >= HUNG_AFTER_SECONDS:
                    log.error("agenda_hangs", item=self._mine["id"])
                    return
                if not self._beat():
                    return
        finally:
            connection.close()

    def _beat(self) -> bool:
        try:
            if run_sql("workspaces/renew_item", self._mine):
                return True
        except DatabaseError as error:
            log.warning("agenda_beat_failed", item=self._mine["id"], error=str(error))
            connection.close()
            return True
        log.warning("agenda_taken_over", item=self._mine["id"])
        return False
