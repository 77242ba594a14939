"""Reaping: a lease whose owner died is read from its journal. What was never begun waits again; what was in flight
is in doubt and never resent by itself.
"""

from datetime import timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from campaigns.finishing import Result, later, settle
from campaigns.journal import ABOUT, ACCEPTED, LATER, REFUSED, UNTOUCHED, Journal, host_id, journal_path
from campaigns.models import AudienceChunk, Campaign, Delivery
from ecrm.lib.sql import run_text
from workspaces.models import Workspace

State = Delivery.State
FOREIGN_AFTER = timedelta(minutes=10)
log = structlog.get_logger(__name__)
EXPIRED = """
-- Leases that ran out: ours at once, those of another host after ten minutes.
SELECT id FROM campaigns_audiencechunk
WHERE workspace_id = %(workspace)s AND NOT is_done AND leased_until IS NOT NULL
  AND leased_until < clock_timestamp() - CASE WHEN leased_by = %(host)s THEN interval '0' ELSE %(foreign)s END
"""


def reap_leases(workspace: Workspace) -> int:
    """Take over every lease that ran out; returns how many. Safe in several workers at once."""
    rows = run_text(EXPIRED, {"workspace": workspace.pk, "host": host_id(), "foreign": FOREIGN_AFTER})
    return sum(_reap(workspace, chunk_id) for (chunk_id,) in rows)


@transaction.atomic
def _reap(workspace: Workspace, chunk_id: int) -> bool:
    found = AudienceChunk.objects.filter(pk=chunk_id).values_list("campaign_id", flat=True).first()
    if found is None:
        return False
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=found)
    chunk = AudienceChunk.objects.select_for_update(skip_locked=True).filter(pk=chunk_id, is_done=False).first()
    if chunk is None or chunk.leased_until is None or _is_alive(chunk_id):
        return False
    epoch, chunk.epoch = chunk.epoch, chunk.epoch + 1
    chunk.save(update_fields=["epoch"])
    marks = _read_marks(workspace, chunk, epoch)
    rows = Delivery.objects.filter(
        campaign=campaign, contact__in=chunk.contact_ids, epoch=epoch, state=State.SENDING
    ).values_list("contact_id", "attempts")
    slots = {contact_id: slot for slot, contact_id in enumerate(chunk.contact_ids)}
    results = {one: _result(ABOUT if marks is None else marks[slots[one]], attempts) for one, attempts in rows}
    settle(campaign, chunk, epoch, results)
    transaction.on_commit(lambda: journal_path(workspace.pk, chunk_id, epoch).unlink(missing_ok=True))
    doubts = sum(result.state == State.IN_DOUBT for result in results.values())
    log.warning("lease_reaped", campaign=campaign.pk, chunk=chunk_id, people=len(results), in_doubt=doubts)
    return True


def _is_alive(chunk_id: int) -> bool:
    """The owner may have renewed the lease between our look and our lock."""
    rows = run_text(
        "SELECT leased_until >= clock_timestamp() FROM campaigns_audiencechunk WHERE id = %(id)s AND workspace_id ="
        " nullif(current_setting('ecrm.workspace', true), '')::bigint",
        {"id": chunk_id},
    )
    return bool(rows and rows[0][0])


def _read_marks(workspace: Workspace, chunk: AudienceChunk, epoch: int) -> bytes | None:
    """The journal's bytes; None when there is none that we can read: then everything is in doubt."""
    path = journal_path(workspace.pk, chunk.pk, epoch)
    if chunk.leased_by != host_id() or not path.exists():
        return None
    journal = Journal(path)
    journal.poison()
    marks = journal.marks()
    journal.close(forget=False)
    return marks if len(marks) == len(chunk.contact_ids) else None


def _result(mark: int, attempts: int) -> Result:
    if mark == UNTOUCHED:
        return Result(State.QUEUED)
    if mark == ACCEPTED:
        return Result(State.SENT, answer="read from the journal", sent_at=timezone.now())
    if mark == REFUSED:
        return Result(State.FAILED, "refused", "read from the journal")
    if mark == LATER:
        return later(attempts, "read from the journal")
    return Result(State.IN_DOUBT, "killed")
