"""Filling: a segment that was saved gets its members, at once where the workspace is small, else in the background.

The people are found by one statement and written 50,000 at a time, each time in a transaction of its own, so that the
page tells how far it is and nobody waits for a lock. It is done within the work that also re-checks people
(segments.members.rechecking), so that nothing is looked at twice at once; what a killed worker left is begun again, and whoever
stands in it already is left alone.
"""

from django.db import transaction

from lib.clock import now
from lib.sql import run_sql
from segments.leaf_types.base import RuleError
from segments.members.growing import keep_counts
from segments.members.membership import REFRESH_SECONDS, in_order, more_people_than, readers_of
from segments.models import Segment, SegmentMember
from segments.news import filling_went_on, segment_filled, segments_moved
from segments.rules.compiler import compile_rule
from segments.rules.statements import TooSlowError, bounded
from segments.work import WORK
from workspaces import agenda
from workspaces.current import current_workspace_id, working_in
from workspaces.models import Workspace

SMALL = 20_000  # contacts: to fill a segment of these takes a fraction of a second
AT_ONCE = 50_000


def is_big() -> bool:
    """Whether the open workspace has so many contacts that nobody should wait for a look at all of them."""
    return more_people_than(SMALL)


@transaction.atomic
def request_fill(segment: Segment) -> None:
    """The members of this segment are to be found anew in the background. May be repeated."""
    segment.is_being_filled, segment.fill_count, segment.fill_of, segment.fill_error = True, 0, 0, ""
    segment.save(update_fields=["is_being_filled", "fill_count", "fill_of", "fill_error"])
    agenda.set_due(WORK)


def next_to_fill() -> Segment | None:
    """The segment whose turn it is: one that waits, after those that its rule reads."""
    return next(iter(in_order(list(Segment.objects.filter(is_being_filled=True)))), None)


def fill(workspace: Workspace, segment: Segment) -> bool:
    """Bring the members in line with the rule, 50,000 at a time; False where the rule was changed meanwhile.

    May be stopped anywhere and repeated. Segments that read this one are filled after it. Nothing else may write
    members of the segment meanwhile: call it from the workspace's own work.
    """
    try:
        people = _begin(workspace, segment)
    except (RuleError, TooSlowError) as error:
        with working_in(workspace):
            mine = Segment.objects.filter(pk=segment.pk, version=segment.version)
            mine.update(is_being_filled=False, fill_error=str(error)[:300])
        return False
    if people is None:
        return False
    done = 0
    for some, number in people:
        with working_in(workspace):
            if not _hold(segment):
                return False
            _add(segment, some)
            done += number
            Segment.objects.filter(pk=segment.pk).update(fill_count=done)
    with working_in(workspace):
        return _end(segment)


def _hold(segment: Segment) -> Segment | None:
    """The segment's row until the transaction ends, if it still is what we began with."""
    mine = Segment.objects.filter(pk=segment.pk, version=segment.version, is_being_filled=True)
    return mine.select_for_update().first()


def _begin(workspace: Workspace, segment: Segment) -> list[tuple[str, int]] | None:
    """Who fits, in parts (arrays as text, which nobody here reads: as numbers they cost as much as what is done with
    them) with their sizes; nobody else stands in it afterwards. None where it is another segment meanwhile.
    """
    with working_in(workspace):
        if not _hold(segment):
            return None
        compiled = compile_rule(segment.rule)
        with bounded(REFRESH_SECONDS):
            found = run_sql("segments/parts", compiled.params | {"r_at_once": AT_ONCE}, fits=compiled.sql)
        people = [(str(text), int(str(number))) for text, number in found]
        if SegmentMember.objects.filter(segment=segment).exists():
            everybody = f"{{{','.join(text[1:-1] for text, _number in people)}}}"
            left = run_sql("segments/clear_others", _params(segment, everybody))
            if left:
                segments_moved.tell(moves=[(segment, [], [row[0] for row in left])])
        fill_of = sum(number for _text, number in people)
        Segment.objects.filter(pk=segment.pk).update(fill_count=0, fill_of=fill_of)
        return people


def _add(segment: Segment, people: str) -> None:
    """The caller holds the segment."""
    returning = "RETURNING contact_id" if filling_went_on.is_heard else ""  # a third of a million ids, for nobody
    entered = run_sql("segments/add_members", _params(segment, people), returning=returning)
    if entered:
        filling_went_on.tell(segment=segment, people=[row[0] for row in entered])


def _end(segment: Segment) -> bool:
    held = _hold(segment)
    if held is None:
        return False
    held.member_count = SegmentMember.objects.filter(segment=held).count()
    held.is_being_filled, held.refreshed_at = False, now()
    held.save(update_fields=["member_count", "is_being_filled", "refreshed_at"])
    keep_counts([held])
    segment_filled.tell(segment=held)
    for reader in readers_of(held):
        request_fill(reader)
    return True


def _params(segment: Segment, people: str) -> dict[str, object]:
    return {
        "workspace": current_workspace_id(),
        "segment": segment.pk,
        "these": people,
        "now": now(),
    }
