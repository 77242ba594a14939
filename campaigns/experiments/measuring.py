"""Measuring: what became of each version of a test, counted in one statement, and what may be said of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from campaigns.experiments.judging import Arm, Judgement, judge, split_chance
from campaigns.experiments.setting_up import versions_of
from campaigns.models import Campaign, Experiment
from delivery.models import Delivery
from lib.clock import now
from lib.sql import load_sql, run_text
from touchpoints.kinds import KINDS
from workspaces.current import current_workspace_id

Goal, Varies = Experiment.Goal, Experiment.Varies
POINT = 100.0  # clicks are shares, effects of them are told in points; money is counted in hundredths
USUAL_EFFECTS = {Goal.CLICKS: 1.0, Goal.KIND: 0.5, Goal.REVENUE: 0.5}  # points, points, money for each person
MARGIN = timedelta(minutes=30)  # until the last of them was sent
STILL_WAITING = 0.05  # of a version's people: more, and it is still going out


@dataclass(frozen=True, slots=True)
class Count:
    """One version: people who wait for it, who got it long enough ago, the sum of what they did and of its squares."""

    waiting: int
    people: int
    total: float
    squares: float


@dataclass(frozen=True, slots=True)
class Finding:
    """How a test stands: each version's count, and the judgement of them."""

    counts: tuple[Count, ...]
    judgement: Judgement

    def kept(self) -> dict[str, Any]:
        """As JSON, for the moment of the decision."""
        return {"counts": [asdict(one) for one in self.counts]}


def finding_of(experiment: Experiment) -> Finding:
    """Of one that is decided: the counts of that moment. Else as it stands now. Two statements."""
    if kept := experiment.result.get("counts"):
        return _judged(experiment, tuple(Count(**one) for one in kept))
    messages = [experiment.campaign.message_id, *(one.message_id for one in versions_of(experiment.campaign))]
    return _judged(experiment, count_versions(experiment, messages))


def count_versions(experiment: Experiment, message_ids: list[int]) -> tuple[Count, ...]:
    """Each message's people and what they did, as the test counts it. One statement.

    Where moments are tested, only people who had all the time that the goal gives: the later one would look worse.
    """
    within = timedelta(hours=experiment.within_hours)
    params = {
        "workspace": current_workspace_id(),
        "messages": message_ids,
        "sent": int(Delivery.State.SENT),
        "until": now() - within if experiment.varies == Varies.TIME else now(),
        "within": within,
        "since": experiment.started_at or now(),
        "kind": experiment.kind,
        "purchase": KINDS["purchase"].code,
        "refund": KINDS["refund"].code,
    }
    rows = run_text(load_sql("campaigns/arms", did=_did_sql(experiment)), params)
    found = {row[0]: Count(int(row[1]), int(row[2]), float(row[3]), float(row[4])) for row in rows}
    return tuple(found[one] for one in message_ids)


def effect_of(experiment: Experiment) -> float:
    """The difference that would matter, in the unit that people read: points, or money for each person."""
    return experiment.effect or USUAL_EFFECTS[Goal(experiment.goal)]


def is_going_out(counts: Sequence[Count]) -> bool:
    """Whether a good part of a version's people still waits for it."""
    return any(one.waiting > STILL_WAITING * (one.waiting + one.people) for one in counts)


def ends_waiting_at(experiment: Experiment, versions: list[Campaign]) -> datetime | None:
    """When the rest gets the one that is ahead, proven or not."""
    if experiment.started_at is None:
        return None
    latest = max((one.hours_later for one in versions), default=0) if experiment.varies == Varies.TIME else 0
    return experiment.started_at + timedelta(hours=experiment.wait_hours + latest)


def _judged(experiment: Experiment, counts: tuple[Count, ...]) -> Finding:
    """The split is that of the people whom each version goes or went to, so that nothing is odd while it goes out."""
    arms = [Arm(one.people, one.total, one.squares) for one in counts]
    shares = [1 / len(arms)] * len(arms)
    effect = effect_of(experiment) * (POINT if experiment.goal == Goal.REVENUE else 1 / POINT)
    said = judge(arms, shares=shares, effect=effect, planned=experiment.planned_people, checks_split=False)
    split, is_early = split_chance([one.people + one.waiting for one in counts], shares), is_going_out(counts)
    if experiment.varies == Varies.TIME:  # who got the later one is not counted before they had all their time
        is_early |= _is_young(experiment)
        split = 1.0 if is_early or experiment.decided_at else split
    return Finding(counts, said.after(split_p=split, is_going_out=is_early))


def _is_young(experiment: Experiment) -> bool:
    """Whether somebody in a test of moments had not all the time yet, as far as its start tells."""
    if experiment.decided_at or experiment.started_at is None:
        return False
    latest = max((one.hours_later for one in versions_of(experiment.campaign)), default=0)
    return now() < experiment.started_at + timedelta(hours=latest + experiment.within_hours) + MARGIN


def _did_sql(experiment: Experiment) -> str:
    if experiment.goal == Goal.CLICKS:
        return load_sql("campaigns/did_click")
    name = "campaigns/did_order" if experiment.goal == Goal.REVENUE else "campaigns/did_kind"
    return load_sql(name, facts=load_sql("touchpoints/facts"))
