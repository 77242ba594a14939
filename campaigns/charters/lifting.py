"""What a programme changed: those for whom its offers were planned against its holdout, since the first offer to each.

Only offers have a holdout, so only they are compared: a topic that people asked for reaches both groups.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.comparing import Difference, Sample, compare, compare_means, split_p
from campaigns.models import Campaign, Programme
from campaigns.objectives import MEASURES, Metric
from delivery.models import Message
from lib.bucketing import bucket_sql
from lib.clock import now
from lib.sql import load_sql, run_text
from segments.rules.statements import bounded
from touchpoints.kinds import KINDS
from workspaces.current import current_workspace, current_workspace_id

SECONDS = 120
FIRST_DAYS = 28  # before which nobody calls it, where no objective says another span
ODD = 0.001
VALUE = (
    "sum(CASE WHEN f.kind = %(refund)s THEN -f.value_minor WHEN f.kind = %(purchase)s THEN f.value_minor END) / 100.0"
)
BOUGHT = "CASE WHEN bool_or(f.kind = %(purchase)s) THEN 100.0 ELSE 0 END"
COUNTED = "100.0 * count(*) FILTER (WHERE f.kind = ANY(%(counted)s))"
EACH = {
    Metric.VALUE: VALUE,
    Metric.PURCHASES: BOUGHT,
    Metric.USAGE: COUNTED,
    Metric.INTERACTION: COUNTED,
    Metric.PERCEPTION: "avg(f.sentiment_milli) / 10.0",
}
UNITS = {
    Metric.VALUE: _("%(currency)s bought by each person"),
    Metric.PURCHASES: _("%% of people who bought"),
    Metric.USAGE: _("visits for each 100 people"),
    Metric.INTERACTION: _("answers and questions for each 100 people"),
    Metric.PERCEPTION: _("mean sentiment of those who said something, −100 to 100"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """People of one side, what they did in the metric's unit, and what they bought less refunds, in the currency."""

    people: int
    metric: Sample
    value: Sample


NOBODY = Group(0, Sample(0, 0, 0), Sample(0, 0, 0))


@dataclass(frozen=True, slots=True)
class Lift:
    """`difference` is in the metric's unit, `value` in the currency for each person; both None without people to compare.

    `since`: when the first offer that counts was planned; None where none was.
    """

    metric: str
    percent: int
    since: datetime | None
    reached: Group
    held: Group
    difference: Difference | None
    value: Difference | None
    split_p: float

    @property
    def is_odd(self) -> bool:
        """Whether the groups are not as the plan splits them: then the difference is not to be trusted."""
        return self.split_p < ODD

    @property
    def verdict(self) -> str:
        """none_held, no_offer, odd, early, more, less or none."""
        if not self.percent:
            return "none_held"
        if self.since is None or self.difference is None:
            return "no_offer"
        return "odd" if self.is_odd else self.difference.verdict

    @property
    def unit(self) -> str:
        """The metric's unit, in words."""
        return str(UNITS[Metric(self.metric)]) % {"currency": current_workspace().currency}


def metric_of(programme: Programme) -> str:
    """What its lift is told in: the objective's metric, else who bought."""
    return programme.objective.metric if programme.objective else Metric.PURCHASES


def holdout_of(programme: Programme) -> list[Any]:
    """Salt and buckets of its holdout, as its messages bear them."""
    return [f"programme-{programme.pk}", programme.holdout_percent * 100]


def offers_of(programme: Programme) -> list[Message]:
    """Its offers that were planned with the holdout that it has now, oldest first."""
    rows = Campaign.objects.filter(
        programme=programme,
        message__purpose=Message.Purpose.MARKETING,
        message__planned_at__isnull=False,
        message__holdouts__contains=[holdout_of(programme)],
    )
    return [one.message for one in rows.select_related("message").order_by("message__planned_at", "pk")]


def groups_of(programme: Programme, messages: Sequence[Message], *, seconds: int = SECONDS) -> dict[str, list[float]]:
    """What both groups did until now, as JSON holds it. One statement, cancelled after `seconds`. TooSlowError."""
    salt, size = holdout_of(programme)
    return groups_between(messages, salt, size, metric_of(programme), seconds=seconds)


def groups_between(
    messages: Sequence[Message], salt: str, size: int, metric: str, *, seconds: int = SECONDS
) -> dict[str, list[float]]:
    """The same of any holdout: those for whom these messages were planned, in its `size` of 10,000 buckets or not."""
    kinds = {*MEASURES[Metric(metric)].kinds, "purchase", "refund"}
    feels = metric == Metric.PERCEPTION
    text = load_sql(
        "campaigns/lift",
        bucket=bucket_sql("d.contact_id", "salt"),
        metric=EACH[Metric(metric)],
        value=VALUE,
        facts=load_sql("touchpoints/facts"),
        also="OR t.sentiment_milli IS NOT NULL" if feels else "",
        nothing="NULL" if feels else "0",
    )
    params = {
        "workspace": current_workspace_id(),
        "messages": [one.pk for one in messages],
        "salt": salt,
        "size": size,
        "until": now(),
        "kinds": [KINDS[one].code for one in kinds],
        "counted": [KINDS[one].code for one in MEASURES[Metric(metric)].kinds],
        "purchase": KINDS["purchase"].code,
        "refund": KINDS["refund"].code,
    }
    with bounded(seconds):
        rows = run_text(text, params)
    return {"held" if is_held else "reached": [float(one) for one in sums] for is_held, *sums in rows}


def lift_of(programme: Programme, groups: dict[str, list[float]], since: datetime | None) -> Lift:
    """What the sums of both groups say. `since`: when the first offer was planned."""
    days = programme.objective.window_days if programme.objective else FIRST_DAYS
    return lift_between(groups, since, metric=metric_of(programme), percent=programme.holdout_percent, days=days)


def lift_between(
    groups: dict[str, list[float]], since: datetime | None, *, metric: str, percent: int, days: int
) -> Lift:
    """The same of any holdout of `percent`; nobody calls it before `days` have passed."""
    reached, held = (_group(groups.get(name)) for name in ("reached", "held"))
    verdict_at = (since or now()) + timedelta(days=days)
    return Lift(
        metric=metric,
        percent=percent,
        since=since,
        reached=reached,
        held=held,
        difference=_difference(metric, reached, held, verdict_at),
        value=compare_means(reached.value, held.value, verdict_at=verdict_at),
        split_p=split_p(held.people, held.people + reached.people, percent),
    )


def _group(sums: list[float] | None) -> Group:
    if sums is None:
        return NOBODY
    people, said, total, squares, value, value_squares = sums
    return Group(int(people), Sample(int(said), total, squares), Sample(int(people), value, value_squares))


def _difference(metric: str, reached: Group, held: Group, verdict_at: datetime) -> Difference | None:
    if metric != Metric.PURCHASES:
        return compare_means(reached.metric, held.metric, verdict_at=verdict_at)
    hits = [round(one.metric.total / 100) for one in (reached, held)]
    return compare(reached.people, hits[0], held.people, hits[1], verdict_at=verdict_at)
