"""Who stands in a segment now: full refresh by difference, and the re-check of some contacts as a set."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from contacts.models import Merged
from lib.clock import now
from lib.sql import load_sql, run_text
from segments.compiler import Compiled, compile_rule, segments_named_in
from segments.growing import keep_counts
from segments.leaf_types.base import RuleError
from segments.models import Segment, SegmentDue, SegmentMember
from segments.news import segment_moved
from segments.statements import bounded

REFRESH_SECONDS = 120
FULL_AFTER_SHARE = 0.05
FULL_AFTER_LEAST = 200


@transaction.atomic
def refresh(segment: Segment) -> tuple[list[int], list[int]]:
    """Bring the members in line with the rule; returns (entered, left) and sends them as news.

    Locks the segment's row, so two refreshes follow one another. May be repeated. RuleError, TooSlowError.
    """
    segment = Segment.objects.select_for_update().get(pk=segment.pk)
    moved = _bring_in_line(segment, compile_rule(segment.rule))
    count = SegmentMember.objects.filter(segment=segment).count()
    Segment.objects.filter(pk=segment.pk).update(member_count=count, refreshed_at=now())
    segment.member_count = count
    keep_counts([segment])
    return _tell(segment, *moved)


@transaction.atomic
def recheck(contact_ids: Sequence[int], *, segments: Iterable[Segment] | None = None) -> int:
    """Look again at these contacts in every segment, as a set; returns how many places changed.

    A segment with many of its members among them is refreshed whole. Segments whose rule cannot be read any more
    keep their members. Segments are looked at after those that their rules read.
    """
    these = _with_relatives(contact_ids)
    if not these:
        return 0
    changed = 0
    for segment in in_order(list(segments if segments is not None else Segment.objects.all())):
        try:
            if len(these) > max(FULL_AFTER_LEAST, FULL_AFTER_SHARE * segment.member_count):
                moved = refresh(segment)
            else:
                locked = Segment.objects.select_for_update().get(pk=segment.pk)
                moved = _bring_in_line(locked, compile_rule(locked.rule, only=these), these)
                count = locked.member_count + len(moved[0]) - len(moved[1])
                Segment.objects.filter(pk=segment.pk).update(member_count=max(count, 0))
                _tell(locked, *moved)
        except RuleError:
            continue
        changed += len(moved[0]) + len(moved[1])
    return changed


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


def _named(segment: Segment) -> set[int]:
    try:
        return segments_named_in(segment.rule)
    except RuleError:
        return set()


def _bring_in_line(
    segment: Segment, compiled: Compiled, these: Sequence[int] | None = None
) -> tuple[list[int], list[int]]:
    params: dict[str, Any] = {"r_segment": segment.pk, "r_these": list(these or [])}
    only = " AND k.contact_id = ANY(%(r_these)s)" if these is not None else ""
    text = load_sql("segments/difference", fits=compiled.sql, these=only)
    with bounded(REFRESH_SECONDS):
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
