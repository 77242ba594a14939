"""When to look again: contacts to whom something happened, and segments that time alone can change.

Whom segments must look at again is written down in the transaction that changed them; the agenda's work
"segments.recheck" takes them in sets. Hourly for segments with relative spans of time, once a night for all.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import batched
from time import monotonic

import structlog
from django.db import transaction

from contacts.searching import index_people
from lib.clock import next_time_of_day, now
from lib.sql import array_of, load_sql, run_prepared, run_sql
from segments.leaf_types.base import RuleError, leaf_type
from segments.members.filling import fill, is_big, next_to_fill, request_fill
from segments.members.growing import keep_counts
from segments.members.membership import in_order, readers_of, recheck, refresh
from segments.models import Segment, SegmentDue
from segments.rules.compiler import leaves_of
from segments.rules.statements import TooSlowError
from segments.work import AUDIT, WORK
from workspaces import agenda
from workspaces.current import current_workspace_id, working_in
from workspaces.models import Workspace
from workspaces.orphans import sweep_orphans

log = structlog.get_logger(__name__)
AT_ONCE = 5_000
SLICE_SECONDS = 20
LOOK_AGAIN_EVERY = timedelta(hours=1)
LOOK_AGAIN_AFTER_TROUBLE = timedelta(hours=6)


def request_recheck(contact_ids: Sequence[int], *, words_stand: bool = False) -> None:
    """Something happened to these contacts: segments and the search look at them again soon. May be repeated.

    `words_stand`: the search need not, they have their words already.
    """
    for some in batched(sorted(set(contact_ids)), AT_ONCE):
        params = {
            "workspace": current_workspace_id(),
            "contacts": array_of(some),
            "stand": words_stand,
            "at": now(),
            "work": WORK,
        }
        run_prepared(_requesting(), params)


@cache
def _requesting() -> str:
    return load_sql("segments/request_recheck", due=agenda.due_sql())


def on_people_changed(contact_ids: Sequence[int]) -> None:
    """For signals that name contacts."""
    request_recheck(contact_ids)


def on_standing_changed(contact_ids: Sequence[int]) -> None:
    """For signals that name contacts who are found by the same words as before, or whose words were written with them."""
    request_recheck(contact_ids, words_stand=True)


def on_contacts_linked(pairs: Sequence[tuple[int, int]]) -> None:
    """For contacts that became one person, or parted again."""
    request_recheck([one for pair in pairs for one in pair])


def plan_next_look(segment: Segment) -> None:
    """Note when time alone can change this segment (or that it cannot)."""
    if moves_with_time(segment):
        due_at = now() + LOOK_AGAIN_EVERY
        SegmentDue.objects.update_or_create(segment=segment, defaults={"due_at": due_at})
        agenda.set_due(WORK, due_at)
    else:
        SegmentDue.objects.filter(segment=segment).delete()


def moves_with_time(segment: Segment) -> bool:
    """Whether time alone can flip a leaf of the rule. A rule that cannot be read any more stands still."""
    try:
        known = [(leaf_type(name), argument) for _path, name, argument in leaves_of(segment.rule)]
        return any(one.open(argument).moves_with_time() for one, argument in known if one is not None)
    except RuleError:
        return False


@transaction.atomic
def refresh_with_readers(segment: Segment) -> tuple[list[int], list[int]]:
    """Refresh a segment, plan its next look, and look at the movers again where other rules read it."""
    entered, left = refresh(segment)
    plan_next_look(segment)
    readers = readers_of(segment)
    if readers and (entered or left):
        recheck([*entered, *left], segments=readers)
    return entered, left


def bring_in_members(segment: Segment) -> None:
    """The segment was saved: its members follow, at once in a small workspace, else soon in the background."""
    if is_big():
        request_fill(segment)
    else:
        Segment.objects.filter(pk=segment.pk).update(is_being_filled=False, fill_error="")
        refresh_with_readers(segment)


def recheck_due(workspace: Workspace) -> datetime | None:
    """The agenda's work: fill what was saved, look again at those requested, refresh what is due, for at most 20 s;
    returns when next.
    """
    begun = monotonic()
    while monotonic() - begun < SLICE_SECONDS:
        with working_in(workspace):
            waiting = next_to_fill()
        if waiting is not None:
            if fill(workspace, waiting):
                with working_in(workspace):
                    plan_next_look(waiting)
            continue
        with working_in(workspace):
            swept = run_sql("segments/take_rechecks", {"workspace": workspace.pk, "limit": AT_ONCE})
            if swept:
                index_people([contact for contact, is_named, words_stand in swept if is_named and not words_stand])
                recheck([contact for contact, is_named, _words_stand in swept if is_named])
                continue
            due = SegmentDue.objects.filter(due_at__lte=now()).select_related("segment").order_by("due_at").first()
            if due is None:
                return SegmentDue.objects.order_by("due_at").values_list("due_at", flat=True).first()
            _look_again(due)
    return now()


def audit_segments(workspace: Workspace) -> dict[str, int]:
    """Evaluate every segment anew; returns {name: places that had drifted}, which should be empty."""
    drift = {}
    with working_in(workspace):
        segments = in_order(list(Segment.objects.filter(is_being_filled=False)))
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
    """The agenda's nightly work: orphans go, every segment anew; what drifted is logged. Returns the next night."""
    with working_in(workspace):
        orphans = sweep_orphans()
    if orphans:
        log.warning("orphans_swept", workspace=workspace.slug, orphans=orphans)
    drift = audit_segments(workspace)
    with working_in(workspace):
        keep_counts(Segment.objects.all())  # also of one that could not be looked at anew
    if drift:
        log.warning("segments_drifted", workspace=workspace.slug, drift=drift)
    return next_night(workspace)


def plan_audits(workspace: Workspace) -> None:
    """A new workspace is looked over each night."""
    agenda.set_due(AUDIT, next_night(workspace))


def next_night(workspace: Workspace) -> datetime:
    """The next 3:30 in the workspace's zone."""
    return next_time_of_day(workspace.zone, 3, 30)


def _look_again(due: SegmentDue) -> None:
    try:
        refresh_with_readers(due.segment)
    except (RuleError, TooSlowError):
        SegmentDue.objects.filter(pk=due.pk).update(due_at=now() + LOOK_AGAIN_AFTER_TROUBLE)
