"""A dry run over a segment: what the gate would answer about everybody in it now, and who is behind each answer.

The people are those who fit when it begins. It goes through them in the order of their ids, a thousand at a time, each
slice with its answers in one transaction: a killed worker's run is gone on with behind the last slice that stands.
Nothing is sent, and nothing about anybody changes.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import batched

from django.db import transaction

from campaigns.models import DryRun, DryRunPart
from consent.asking import Ask
from consent.gate import CHUNK, verdicts
from lib.clock import now
from segments.leaf_types.base import RuleError
from segments.models import Segment
from segments.rules.counting import ids_fitting
from segments.rules.statements import TooSlowError
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import User, Workspace

WORK = "campaigns.dry_run"
KEPT = timedelta(days=7)
FEW = 2_000  # people about whom nobody waits
MAY = "may"  # the answer "yes, now"; every other is a gate step's code


@transaction.atomic
def begin_dry_run(
    segment: Segment, *, message_class: str, topic_id: int | None, channel: int, by: User | None = None
) -> DryRun:
    """Ask the gate about everybody in the segment: at once where they are few, else in the background.

    Takes the place of the last one of the segment. RuleError, TooSlowError: the segment cannot be read.
    """
    DryRun.objects.filter(segment=segment).delete()
    people = sorted(ids_fitting(segment.rule))
    run = DryRun.objects.create(
        segment=segment,
        message_class=message_class,
        topic_id=topic_id,
        channel=channel,
        people=len(people),
        by_id=by.pk if by else None,
    )
    if len(people) <= FEW:
        for some in batched(people, CHUNK):
            _judge(run, some)
        _end(run)
    else:
        agenda.set_due(WORK)
    return run


def go_on(workspace: Workspace) -> datetime | None:
    """The agenda's work: take every dry run to its end, and forget those of a week ago. Returns when the next is old."""
    with working_in(workspace):
        DryRun.objects.filter(at__lt=now() - KEPT).delete()
        waiting = list(DryRun.objects.filter(finished_at=None).select_related("segment").order_by("at", "pk"))
    for run in waiting:
        _take_to_the_end(workspace, run)
    with working_in(workspace):
        oldest = DryRun.objects.order_by("at").values_list("at", flat=True).first()
    return oldest + KEPT if oldest else None


def people_of(run: DryRun, code: str, *, after: int = 0, number: int = 50) -> list[int]:
    """The contacts behind one answer, in the order of their ids, from behind `after` on."""
    found: list[int] = []
    parts = DryRunPart.objects.filter(run=run, code=code, last_id__gt=after).order_by("last_id")
    for ids in parts.values_list("contact_ids", flat=True).iterator(chunk_size=50):
        found += [one for one in ids if one > after]
        if len(found) >= number:
            break
    return found[:number]


def everybody_of(run: DryRun, code: str) -> list[int]:
    """All of them, for a list that is made of them."""
    parts = DryRunPart.objects.filter(run=run, code=code).order_by("last_id")
    return [one for ids in parts.values_list("contact_ids", flat=True) for one in ids]


def _take_to_the_end(workspace: Workspace, run: DryRun) -> None:
    try:
        with working_in(workspace):
            people = sorted(one for one in ids_fitting(run.segment.rule) if one > run.last_id)
            DryRun.objects.filter(pk=run.pk).update(people=run.done + len(people))
    except (RuleError, TooSlowError) as error:
        with working_in(workspace):
            DryRun.objects.filter(pk=run.pk).update(error=str(error)[:300], finished_at=now())
        return
    for some in batched(people, CHUNK):
        with working_in(workspace):
            held = DryRun.objects.select_for_update().filter(pk=run.pk, finished_at=None).first()
            if held is None:  # another one took its place
                return
            if left := [one for one in some if one > held.last_id]:
                _judge(held, left)
    with working_in(workspace):
        if held := DryRun.objects.select_for_update().filter(pk=run.pk).first():
            _end(held)


def _judge(run: DryRun, contact_ids: Sequence[int]) -> None:
    """The answers about one slice, with how far we are. The caller holds the run's row."""
    by_code: dict[str, list[int]] = {}
    for one, answer in _answers(run, contact_ids):
        by_code.setdefault(answer, []).append(one)
    DryRunPart.objects.bulk_create(
        DryRunPart(run=run, code=code, contact_ids=ids, last_id=ids[-1]) for code, ids in by_code.items()
    )
    for code, ids in by_code.items():
        run.counts[code] = run.counts.get(code, 0) + len(ids)
    run.done += len(contact_ids)
    run.last_id = contact_ids[-1]
    run.save(update_fields=["counts", "done", "last_id"])


def _answers(run: DryRun, contact_ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    """(contact, the code of what decided). Whoever is no longer there when they are asked about counts as erased."""
    ask = Ask(channel=run.channel, message_class=run.message_class, topic_id=run.topic_id)
    judged = verdicts(ask, contact_ids)
    for one in contact_ids:
        found = judged.get(one)
        yield one, "erased" if found is None else MAY if found.allowed else found.reason


def _end(run: DryRun) -> None:
    run.finished_at = now()
    run.save(update_fields=["finished_at"])
    agenda.set_due(WORK, run.at + KEPT)


def latest(segment: Segment) -> DryRun | None:
    """The dry run of this segment, if there is one."""
    return DryRun.objects.filter(segment=segment).order_by("-pk").first()
