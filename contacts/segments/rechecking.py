"""When to look again: contacts to whom something happened, and segments that time alone can change.

Dirt is written in the transaction that made it; the agenda's work "segments.recheck" sweeps it in sets. Hourly for
segments with relative spans of time, once a night for all.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.utils import timezone

from contacts.models import Segment, SegmentDue
from contacts.searching import index_people
from contacts.segments.compiler import leaves_of
from contacts.segments.membership import in_order, readers_of, recheck, refresh
from contacts.segments.statements import TooSlowError
from contacts.segments.words import RuleError, word
from ecrm.lib.sql import run_text
from workspaces import agenda
from workspaces.current import current_workspace_id, working_in
from workspaces.models import Workspace

WORK, AUDIT = "segments.recheck", "segments.audit"
log = structlog.get_logger(__name__)
AT_ONCE = 5_000
SLICE_SECONDS = 20
LOOK_AGAIN_EVERY = timedelta(hours=1)
LOOK_AGAIN_AFTER_TROUBLE = timedelta(hours=6)
MARK = """
INSERT INTO contacts_segmentdirt (workspace_id, contact_id, at)
SELECT %(workspace)s, c.id, statement_timestamp()
FROM contacts_contact c
WHERE c.workspace_id = %(workspace)s AND c.id = ANY(%(ids)s) AND NOT c.is_anonymous
ORDER BY 2
ON CONFLICT DO NOTHING
RETURNING contact_id
"""
SWEEP = """
DELETE FROM contacts_segmentdirt
WHERE workspace_id = %(workspace)s
  AND contact_id IN (SELECT contact_id FROM contacts_segmentdirt WHERE workspace_id = %(workspace)s
                     ORDER BY contact_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING contact_id
"""


def mark_dirty(contact_ids: Sequence[int]) -> None:
    """Something happened to these contacts: segments and the search look at them again soon. May be repeated."""
    params = {"workspace": current_workspace_id(), "ids": sorted(set(contact_ids))}
    if contact_ids and run_text(MARK, params):
        agenda.set_due(WORK)


def hear_changes(sender: object, contact_ids: Sequence[int], **_: Any) -> None:
    """For signals that name contacts."""
    mark_dirty(contact_ids)


def hear_links(sender: object, loser_id: int, survivor_id: int, **_: Any) -> None:
    """For two contacts that became one person, or two again."""
    mark_dirty([loser_id, survivor_id])


def plan_next_look(segment: Segment) -> None:
    """Note when time alone can change this segment (or that it cannot)."""
    if moves_with_time(segment):
        due_at = timezone.now() + LOOK_AGAIN_EVERY
        SegmentDue.objects.update_or_create(segment=segment, defaults={"due_at": due_at})
        agenda.set_due(WORK, due_at)
    else:
        SegmentDue.objects.filter(segment=segment).delete()


def moves_with_time(segment: Segment) -> bool:
    """Whether a relative span of time stands in the rule, here or in a segment that it reads."""
    try:
        leaves = leaves_of(segment.rule)
    except RuleError:
        return False
    known = [(word(kind), argument) for _path, kind, argument in leaves]
    return any(one.moves(argument) for one, argument in known if one is not None)


@transaction.atomic
def refresh_with_readers(segment: Segment) -> tuple[list[int], list[int]]:
    """Refresh a segment, plan its next look, and look at the movers again where other rules read it."""
    entered, left = refresh(segment)
    plan_next_look(segment)
    readers = readers_of(segment)
    if readers and (entered or left):
        recheck([*entered, *left], segments=readers)
    return entered, left


def recheck_due(workspace: Workspace) -> datetime | None:
    """The agenda's work: sweep dirt in sets, refresh what is due, for at most 20 s; returns when to come back."""
    begun = monotonic()
    while monotonic() - begun < SLICE_SECONDS:
        with working_in(workspace):
            swept = run_text(SWEEP, {"workspace": workspace.pk, "limit": AT_ONCE})
            if swept:
                these = [row[0] for row in swept]
                index_people(these)
                recheck(these)
                continue
            due = (
                SegmentDue.objects.filter(due_at__lte=timezone.now())
                .select_related("segment")
                .order_by("due_at")
                .first()
            )
            if due is None:
                return SegmentDue.objects.order_by("due_at").values_list("due_at", flat=True).first()
            _look_again(due)
    return timezone.now()


def audit_segments(workspace: Workspace) -> dict[str, int]:
    """Evaluate every segment anew; returns {name: places that had drifted}, which should be empty."""
    drift = {}
    with working_in(workspace):
        segments = in_order(list(Segment.objects.all()))
    for segment in segments:
        with working_in(workspace):
            try:
                entered, left = refresh(segment)
            except (RuleError, TooSlowError):
                continue
            if entered or left:
                drift[segment.name] = len(entered) + len(left)
    return drift


def audit_tonight(workspace: Workspace) -> datetime:
    """The agenda's nightly work: every segment anew; a drift is logged. Returns the next night."""
    drift = audit_segments(workspace)
    if drift:
        log.warning("segments_drifted", workspace=workspace.slug, drift=drift)
    return next_night(workspace)


def plan_audits(sender: object, workspace: Workspace, **_: Any) -> None:
    """A new workspace is looked over each night."""
    agenda.set_due(AUDIT, next_night(workspace))


def next_night(workspace: Workspace) -> datetime:
    """The next 3:30 in the workspace's zone."""
    local = timezone.now().astimezone(ZoneInfo(workspace.zone))
    night = local.replace(hour=3, minute=30, second=0, microsecond=0)
    return night if night > local else night + timedelta(days=1)


def _look_again(due: SegmentDue) -> None:
    try:
        refresh_with_readers(due.segment)
    except (RuleError, TooSlowError):
        SegmentDue.objects.filter(pk=due.pk).update(due_at=timezone.now() + LOOK_AGAIN_AFTER_TROUBLE)
