"""Reaping: a lease whose owner died is read from its journal. What was never begun waits again; what was in flight
is in doubt and never resent by itself.
"""

from datetime import timedelta

import structlog
from django.db import transaction

from delivery.engine.finishing import Result, later, settle
from delivery.engine.journal import ABOUT, ACCEPTED, LATER, REFUSED, UNTOUCHED, Journal, journal_path
from delivery.models import Delivery, Message, RecipientChunk
from lib.clock import now
from lib.presence import gone_names, host_id, is_of_this_host
from lib.sql import run_sql
from workspaces.current import OpenWorkspace

State = Delivery.State
FOREIGN_AFTER = timedelta(minutes=10)
FROM_JOURNAL = "read from the journal"
log = structlog.get_logger(__name__)


def reap_leases(workspace: OpenWorkspace) -> int:
    """Take over every lease that ran out or whose owner is known to be dead; returns how many.

    Safe in several workers at once.
    """
    return sum(_reap(workspace, chunk_id) for chunk_id in _to_be_reaped(workspace))


def _to_be_reaped(workspace: OpenWorkspace, chunk_id: int | None = None) -> list[int]:
    mine = {"workspace": workspace.pk, "chunk": chunk_id, "host": host_id()}
    rows = run_sql("delivery/expired", mine | {"foreign": FOREIGN_AFTER, "gone": gone_names()})
    return [one for (one,) in rows]


@transaction.atomic
def _reap(workspace: OpenWorkspace, chunk_id: int) -> bool:
    found = RecipientChunk.objects.filter(pk=chunk_id).values_list("message_id", flat=True).first()
    if found is None:
        return False
    message = Message.objects.select_for_update(no_key=True).get(pk=found)
    chunk = RecipientChunk.objects.select_for_update(skip_locked=True).filter(pk=chunk_id, is_done=False).first()
    if chunk is None or not _to_be_reaped(workspace, chunk_id):  # renewed between our look and our lock
        return False
    epoch, chunk.epoch = chunk.epoch, chunk.epoch + 1
    chunk.save(update_fields=["epoch"])
    marks = _read_marks(workspace, chunk, epoch)
    rows = Delivery.objects.filter(
        message=message, contact__in=chunk.contact_ids, occasion=chunk.occasion, epoch=epoch, state=State.SENDING
    ).values_list("contact_id", "attempts")
    slots = {contact_id: slot for slot, contact_id in enumerate(chunk.contact_ids)}
    results = {one: result_of(ABOUT if marks is None else marks[slots[one]], attempts) for one, attempts in rows}
    settle(message, chunk, epoch, results)
    transaction.on_commit(lambda: journal_path(workspace.pk, chunk_id, epoch).unlink(missing_ok=True))
    doubts = sum(result.state == State.IN_DOUBT for result in results.values())
    log.warning("lease_reaped", message=message.pk, chunk=chunk_id, people=len(results), in_doubt=doubts)
    return True


def _read_marks(workspace: OpenWorkspace, chunk: RecipientChunk, epoch: int) -> bytes | None:
    """The journal's bytes; None when there is none that we can read: then everything is in doubt."""
    path = journal_path(workspace.pk, chunk.pk, epoch)
    if not is_of_this_host(chunk.leased_by) or not path.exists():
        return None
    journal = Journal(path)
    journal.poison()
    marks = journal.marks()
    journal.close(forget=False)
    return marks if len(marks) == len(chunk.contact_ids) else None


def result_of(mark: int, attempts: int) -> Result:
    """What a mark of the journal means for whoever has no other result."""
    if mark == UNTOUCHED:
        return Result(State.QUEUED)
    if mark == ACCEPTED:
        return Result(State.SENT, answer=FROM_JOURNAL, sent_at=now())
    if mark == REFUSED:
        return Result(State.FAILED, "refused", FROM_JOURNAL)
    if mark == LATER:
        return later(attempts, FROM_JOURNAL)
    return Result(State.IN_DOUBT, "killed")
