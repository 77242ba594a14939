"""Who stands in a segment now: full refresh by difference, and the re-check of some contacts as a set."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction

from contacts.models import Merged
from lib.clock import now
from lib.sql import load_sql, run_sql, run_text
from segments.compiler import Compiled, Rule, compile_rule, segments_named_in
from segments.growing import keep_counts
from segments.leaf_types.base import RuleError
from segments.models import Segment, SegmentDue, SegmentMember
from segments.news import segment_moved
from segments.statements import bounded
from segments.whom import Whom, whom_of
from workspaces.current import current_workspace_id

REFRESH_SECONDS = 120
FULL_AFTER_SHARE = 0.05  # of the workspace: beyond, to look at everybody costs less
FULL_AFTER_LEAST = 200


@transaction.atomic
def refresh(segment: Segment) -> tuple[list[int], list[int]]:
    """Bring the members in line with the rule; returns (entered, left) and sends them as news.

    Locks the segment's row, so two refreshes follow one another. May be repeated. RuleError, TooSlowError.
    """
    segment = Segment.objects.select_for_update().get(pk=segment.pk)
    compiled = compile_rule(segment.rule)
    with bounded(REFRESH_SECONDS):
        moved = _difference(segment, compiled)
    count = SegmentMember.objects.filter(segment=segment).count()
    Segment.objects.filter(pk=segment.pk).update(member_count=count, refreshed_at=now())
    segment.member_count = count
    keep_counts([segment])
    return _tell(segment, *moved)


@transaction.atomic
def recheck(contact_ids: Sequence[int], *, segments: Iterable[Segment] | None = None) -> int:
    """Look again at these contacts in every segment, as a set; returns how many places changed.

    Where they are much of the workspace, segments are refreshed whole. One that is being filled is left out: whom it
    misses is asked for again then. Segments whose rule cannot be read any more keep their members. Segments are looked
    at after those that their rules read; their rows are held.
    """
    these = _with_relatives(contact_ids)
    if not these:
        return 0
    asked = Segment.objects.filter(is_being_filled=False)
    if segments is not None:
        asked = asked.filter(pk__in=[one.pk for one in segments])
    held = in_order(list(asked.order_by("pk").select_for_update()))
    if not held:
        return 0
    if len(these) > FULL_AFTER_LEAST and not more_people_than(round(len(these) / FULL_AFTER_SHARE)):
        return sum(_moves_of(segment, refresh) for segment in held)
    whom = whom_of(these)
    with bounded(REFRESH_SECONDS):
        return sum(_moves_of(segment, lambda one: _look_at(one, whom, these)) for segment in held)


def _moves_of(segment: Segment, look: Callable[[Segment], tuple[list[int], list[int]]]) -> int:
    try:
        return sum(map(len, look(segment)))
    except RuleError:
        return 0


def _look_at(segment: Segment, whom: Whom, these: Sequence[int]) -> tuple[list[int], list[int]]:
    """Bring these people in line with the rule of a segment whose row is held."""
    entered, left = _difference(segment, compile_rule(segment.rule, only=whom), these)
    if entered or left:
        segment.member_count = max(segment.member_count + len(entered) - len(left), 0)
        segment.save(update_fields=["member_count"])
    return _tell(segment, entered, left)


def more_people_than(most: int) -> bool:
    """Whether the open workspace has more contacts than this. Looks at one more than that of an index."""
    return bool(run_sql("segments/more_people_than", {"workspace": current_workspace_id(), "most": most})[0][0])


@transaction.atomic
def remove(segment: Segment) -> None:
    """Take a segment away, with its members and its next look, which no foreign key holds to it."""
    held = Segment.objects.select_for_update().get(pk=segment.pk)
    for derived in (SegmentMember, SegmentDue):
        derived.objects.filter(segment=held).delete()
    held.delete()


def in_order(segments: Sequence[Segment]) -> list[Segment]:
    """The segments so that each comes after those that its rule reads."""
    by_id = {segment.pk: segment for segment in segments}
    placed: dict[int, Segment] = {}

    def place(segment: Segment, trail: frozenset[int]) -> None:
        if segment.pk in placed or segment.pk in trail:
            return
        for named in sorted(_named(segment)):
            if named in by_id:
                place(by_id[named], trail | {segment.pk})
        placed[segment.pk] = segment

    for segment in sorted(segments, key=lambda one: one.pk):
        place(segment, frozenset())
    return list(placed.values())


def readers_of(segment: Segment) -> list[Segment]:
    """The segments whose rules read this one."""
    return [other for other in Segment.objects.exclude(pk=segment.pk) if segment.pk in _named(other)]


def unfilled_in(rule: Rule) -> list[Segment]:
    """The segments whose members a rule reads, or that those read, which are being filled: it means others then."""
    known, asked, found = {one.pk: one for one in Segment.objects.all()}, _named_in(rule), []
    seen: set[int] = set()
    while asked - seen:
        one = min(asked - seen)
        seen.add(one)
        if one in known:
            found += [known[one]] if known[one].is_being_filled else []
            asked |= _named(known[one])
    return found


def _named(segment: Segment) -> set[int]:
    return _named_in(segment.rule)


def _named_in(rule: Rule) -> set[int]:
    try:
        return segments_named_in(rule)
    except RuleError:
        return set()


def _difference(
    segment: Segment, compiled: Compiled, these: Sequence[int] | None = None
) -> tuple[list[int], list[int]]:
    params: dict[str, Any] = {"r_segment": segment.pk, "r_these": list(these or [])}
    only = " AND k.contact_id = ANY(%(r_these)s)" if these is not None else ""
    text = load_sql("segments/difference", fits=compiled.sql, these=only)
    rows = run_text(text, compiled.params | params)
    return sorted(row[1] for row in rows if row[0]), sorted(row[1] for row in rows if not row[0])


def _tell(segment: Segment, entered: list[int], left: list[int]) -> tuple[list[int], list[int]]:
    if entered or left:
        segment_moved.tell(segment=segment, entered=entered, left=left)
    return entered, left


def _with_relatives(contact_ids: Sequence[int]) -> list[int]:
    """These contacts and the ones they were merged into."""
    links = Merged.objects.filter(loser__in=list(contact_ids)).values_list("survivor_id", flat=True)
    return sorted({*contact_ids, *links})
