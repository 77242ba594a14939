"""How programmes are written in the API: what is taken, what is answered."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from ninja import Schema
from pydantic import Field

from campaigns.charters.costing import return_of
from campaigns.charters.counting import Counted
from campaigns.charters.lifting import Lift
from campaigns.charters.lifting_all import LiftOfAll
from campaigns.charters.targets import checked_of
from campaigns.models import Programme, ProgrammeCost
from campaigns.objectives import history_of, unit_of
from contacts.models import Audience
from engagement.models import Objective
from workspaces.api.pages import Id, Taken

LARGEST = 100_000_000_000
MOST = 1e12
RoleName = StrEnum("ProgrammeRole", {one.name: one.value for one in Programme.Preset})  # type: ignore[misc]
AudienceName = StrEnum("ProgrammeAudience", {one.name: one.name.lower() for one in Audience})  # type: ignore[misc]
MetricName = StrEnum("ProgrammeMetric", {one.name: one.value for one in Objective.Metric})  # type: ignore[misc]


class ProgrammeShape(Schema):
    """Why the brand talks to an audience, and what it answers for."""

    id: int
    name: str
    role: RoleName
    audience: AudienceName
    topic: int | None
    purpose: str
    gives: str = Field(description="What people get; they read it.")
    asks: str = Field(description="What we ask of them; they read it.")
    metric: MetricName | None
    unit: str = Field(description="The metric’s unit in words; empty without one.")
    baseline: float | None = Field(description="Measured within a minute after the metric was set.")
    current: float | None
    target: float | None = Field(description="Null: none yet.")
    check_on: date | None
    measured_at: datetime | None
    weekly_cap: int
    selling_percent: int
    holdout_percent: int
    budget_minor: int | None = Field(description="In hundredths of the workspace’s currency.")
    is_active: bool
    created_at: datetime


class Charter(Taken):
    """What a programme says of itself."""

    name: str = Field("", min_length=1, max_length=120)
    role: RoleName = RoleName("newsletter")  # type: ignore[operator]
    audience: AudienceName = AudienceName("customer")  # type: ignore[operator]
    topic: Id | None = None
    purpose: str = Field("", max_length=300)
    gives: str = Field("", max_length=300)
    asks: str = Field("", max_length=300)
    metric: MetricName | None = None
    target: float | None = Field(None, ge=-MOST, le=MOST, description="Null: none yet.")
    check_on: date | None = None
    weekly_cap: int = Field(3, ge=0, le=1_000)
    selling_percent: int = Field(50, ge=0, le=100)
    holdout_percent: int = Field(0, ge=0, le=50)
    budget_minor: int | None = Field(None, ge=0, le=LARGEST)
    is_active: bool = True


class NewProgramme(Charter):
    """A charter. Nothing is sent by it."""

    name: str = Field(min_length=1, max_length=120)


class ChangedProgramme(Charter):
    """What is to change; the rest stays."""


class FigureShape(Schema):
    """What it answered for up to the start of a day."""

    day: date
    value: float
    people: int


class DifferenceShape(Schema):
    """Those for whom its offers were planned against its holdout, with a 95 % interval."""

    unit: str
    reached: float
    held: float
    difference: float
    low: float
    high: float


class AmountShape(Schema):
    """In the workspace’s currency, with a 95 % interval."""

    value: float
    low: float
    high: float


class LiftShape(Schema):
    """`verdict`: none_held, no_offer, odd (the split is not as planned), early, more, less or none."""

    verdict: str
    since: datetime | None
    people: int
    held: int
    split_p: float
    difference: DifferenceShape | None


class HoldoutShape(Schema):
    """The workspace’s own holdout: people who get no offers at all, and what all offers together change against them."""

    percent: int
    counted_at: datetime | None = Field(
        description="Null while it is counted for the first time, or where nobody is held out."
    )
    lift: LiftShape | None
    value: AmountShape | None = Field(description="The difference in what each person bought.")


class ReturnShape(Schema):
    """What it cost since that day, and what it brought; null where that cannot be said yet."""

    since: date
    messages: int
    messages_cost: float
    own_cost: float
    cost: float
    gain: AmountShape | None
    each: AmountShape | None = Field(description="What each unit of the currency spent brought.")


class CheckShape(Schema):
    """How it ended on the day of its check."""

    day: date
    value: float
    target: float
    is_met: bool


class FiguresOfProgramme(Schema):
    """All its figures. `lift` and `cost_and_return` are null while a big one is being counted: ask again in a minute."""

    history: list[FigureShape]
    checked: CheckShape | None
    counted_at: datetime | None = Field(description="Null where it was counted just now.")
    lift: LiftShape | None
    cost_and_return: ReturnShape | None


class CostShape(Schema):
    """What it cost beside its messages."""

    id: int
    name: str
    amount_minor: int
    day: date


class NewCost(Taken):
    """In hundredths of the workspace’s currency; below zero is money that came back."""

    name: str = Field(min_length=1, max_length=80)
    amount_minor: int = Field(ge=-LARGEST, le=LARGEST)
    day: date


def shape_of(one: Programme) -> dict[str, Any]:
    """A programme as the API shows it; its objective was read along."""
    goal = one.objective
    plain = ("name", "purpose", "gives", "asks", "weekly_cap", "selling_percent", "holdout_percent", "budget_minor")
    goals = ("metric", "baseline", "current", "target", "check_on", "measured_at")
    return {
        "id": one.pk,
        "role": one.preset,
        "audience": Audience(one.audience).name.lower(),
        "topic": one.topic_id,
        "unit": unit_of(goal) if goal else "",
        "is_active": one.is_active,
        "created_at": one.created_at,
        **{name: getattr(one, name) for name in plain},
        **{name: getattr(goal, name, None) for name in goals},
    }


def figures_shape(one: Programme, counted: Counted | None) -> dict[str, Any]:
    """Its history, its lift, its return."""
    goal = one.objective
    history = history_of(one, goal) if goal else []
    return {
        "history": [{"day": row.day, "value": row.value, "people": row.people} for row in history],
        "checked": checked_of(one, goal),
        "counted_at": counted.at if counted else None,
        "lift": lift_shape(counted.lift) if counted else None,
        "cost_and_return": _return(one, counted) if counted else None,
    }


def lift_shape(lift: Lift) -> dict[str, Any]:
    """What a holdout shows, as `LiftShape` says it."""
    one = lift.difference
    difference = one and {
        "unit": lift.unit,
        "reached": one.reached_share,
        "held": one.held_share,
        "difference": one.points,
        "low": one.low,
        "high": one.high,
    }
    return {
        "verdict": lift.verdict,
        "since": lift.since,
        "people": lift.reached.people,
        "held": lift.held.people,
        "split_p": lift.split_p,
        "difference": difference,
    }


def _return(one: Programme, counted: Counted) -> dict[str, Any]:
    money = return_of(one, counted)
    amounts = {
        name: amount and {"value": amount.middle, "low": amount.low, "high": amount.high}
        for name, amount in (("gain", money.gain), ("each", money.each))
    }
    return amounts | {
        "since": money.since,
        "messages": money.messages,
        "messages_cost": money.messages_cost,
        "own_cost": sum(cost.amount_minor for cost in money.own) / 100,
        "cost": money.cost,
    }


def cost_shape(cost: ProgrammeCost) -> dict[str, Any]:
    """A cost as the API shows it."""
    return {"id": cost.pk, "name": cost.name, "amount_minor": cost.amount_minor, "day": cost.day}


def holdout_shape(percent: int, found: LiftOfAll | None) -> dict[str, Any]:
    """What the workspace's own holdout shows."""
    money = found.lift.value if found else None
    return {
        "percent": percent,
        "counted_at": found.at if found else None,
        "lift": lift_shape(found.lift) if found else None,
        "value": money and {"value": money.points, "low": money.low, "high": money.high},
    }
