"""Who stands in a segment now: full refresh by difference, and the re-check of some contacts as a set."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db import transaction

from contacts.models import Merged
from lib.clock import now
from lib.sql import load_sql, run_sql, run_text
from segments.leaf_types.base import RuleError
from segments.members.growing import keep_counts
from segments.models import Segment, SegmentDue, SegmentMember
from segments.news import segments_moved
from segments.rules.compiler import Compiled, Rule, compile_rule, compile_together, leaves_of, segments_named_in
from segments.rules.statements import bounded
from segments.whom import Whom, whom_of
from workspaces.current import current_workspace_id

REFRESH_SECONDS = 120
FULL_AFTER_SHARE = 0.05  # of the workspace: beyond, to look at everybody costs less
FULL_AFTER_LEAST = 200
MOST_LINES = 200  # of the segments that one statement looks at: it is planned in a fraction of the time that it takes


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
    _tell([(segment, *moved)])
    return moved


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
        return sum(map(_refreshed, held))
    whom = whom_of(these)
    with bounded(REFRESH_SECONDS):
        return sum(_look_at(some, whom, these) for some in _layers(held))


def _refreshed(segment: Segment) -> int:
    try:
        return sum(map(len, refresh(segment)))
    except RuleError:
        return 0


def _layers(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Segments in order, in groups that one statement can look at: none reads another of its group."""
    layer: list[Segment] = []
    lines = 0
    for segment in segments:
        try:
            number = len(leaves_of(segment.rule))
        except RuleError:
            continue
        if layer and (lines + number > MOST_LINES or _named(segment) & {one.pk for one in layer}):
            yield layer
            layer, lines = [], 0
        layer.append(segment)
        lines += number
    if layer:
        yield layer


def _look_at(segments: Sequence[Segment], whom: Whom, these: Sequence[int]) -> int:
    """Bring these people in line with the rules of segments whose rows are held; how many places changed."""
    together = compile_together({one.pk: one.rule for one in segments}, whom)
    if not together.answers:
        return 0
    moved: dict[int, tuple[list[int], list[int]]] = {pk: ([], []) for pk in together.answers}
    params = together.params | {"r_segments": list(together.answers), "r_these": list(these)}
    answers = ", ".join(together.answers.values())
    holes = {"steps": together.steps, "looked": together.looked, "answers": answers}
    for segment_id, contact_id, enters in run_sql("segments/moved", params, **holes):
        moved[int(str(segment_id))][0 if enters else 1].append(int(str(contact_id)))
    _write(moved)
    changed = [one for one in segments if any(moved.get(one.pk, ()))]
    for segment in changed:
        entered, left = moved[segment.pk]
        segment.member_count = max(segment.member_count + len(entered) - len(left), 0)
    Segment.objects.bulk_update(changed, ["member_count"])
    moves = [(one, sorted(moved[one.pk][0]), sorted(moved[one.pk][1])) for one in changed]
    _tell(moves)
    return sum(len(entered) + len(left) for _segment, entered, left in moves)


def _write(moved: Mapping[int, tuple[list[int], list[int]]]) -> None:
    """Who entered and who left, each in one statement."""
    for name, which in (("segments/leave", 1), ("segments/enter", 0)):
        places = sorted((pk, contact) for pk, both in moved.items() for contact in both[which])
        if places:
            segments, contacts = map(list, zip(*places, strict=True))
            run_sql(name, {"workspace": current_workspace_id(), "segments": segments, "these": contacts, "now": now()})


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


def _difference(segment: Segment, compiled: Compiled) -> tuple[list[int], list[int]]:
    text = load_sql("segments/difference", fits=compiled.sql)
    rows = run_text(text, compiled.params | {"r_segment": segment.pk})
    return sorted(row[1] for row in rows if row[0]), sorted(row[1] for row in rows if not row[0])


def _tell(moves: Sequence[tuple[Segment, list[int], list[int]]]) -> None:
    if some := [move for move in moves if move[1] or move[2]]:
        segments_moved.tell(moves=some)


def _with_relatives(contact_ids: Sequence[int]) -> list[int]:
    """These contacts and the ones they were merged into."""
    links = Merged.objects.filter(loser__in=list(contact_ids)).values_list("survivor_id", flat=True)
    return sorted({*contact_ids, *links})
