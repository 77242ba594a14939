"""Why this score: what each kind of touchpoint adds, what will be left of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

import numpy as np

from engagement.formula import HALF_LIVES, day_points, days_since, decay
from engagement.four import FOUR, OF_TARGET, Four, Target
from engagement.modelling import current_model
from engagement.models import ScoreModel
from engagement.reading import day_weights, shown_for
from lib.clock import now
from touchpoints.kinds import BY_CODE

LATER_DAYS = 30


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one kind adds to one I: raw (signed, in the model's units), points of the shown score, left in 30 days."""

    kind: int
    name: str
    events: int
    last_day: date
    raw: float
    points: float
    raw_in_30_days: float
    half_life_days: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """One I of one person: the shown value, its raw sum, and the contributions that add up to it (to 1e-6)."""

    name: str
    value: float
    raw: float
    contributions: list[Contribution]
    half_lives: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Sum:
    """What one kind adds to one target now."""

    kind: int
    target: int
    half_life: float
    events: int
    last_day: date
    raw: float


def explain_scores(contact_id: int, at: datetime | None = None) -> list[Explanation]:
    """Involvement, interaction, intimacy, influence of one contact, each with what it is made of."""
    at, model = at or now(), current_model()
    shown = shown_for([contact_id], at).get(contact_id)
    sums = list(_sums(contact_id, model, at))
    return [_explain(one, getattr(shown, one.name, 0.0), sums) for one in FOUR]


def _sums(contact_id: int, model: ScoreModel, at: datetime) -> Iterable[_Sum]:
    """The day weights of one contact, added up by kind and target."""
    weights = {(row["kind"], row["target"]): row for row in model.weights}
    landmark = model.landmark.astimezone(ZoneInfo(model.zone)).date()
    since = days_since(at, model)
    for key, cells in groupby(day_weights(contact_id), key=lambda cell: (cell[0], cell[1])):
        if key not in weights:
            continue
        weight, (_kinds, _targets, on, counts, totals) = weights[key], zip(*cells, strict=True)
        ages = since - np.array([(day - landmark).days for day in on])
        points = day_points(np.array(totals), np.array(counts)) * decay(ages, weight["half_life"])
        raw = float(weight["weight"] * points.sum())
        yield _Sum(key[0], key[1], weight["half_life"], sum(counts), on[-1], raw)


def _explain(four: Four, value: float, sums: Iterable[_Sum]) -> Explanation:
    mine = [one for one in sums if OF_TARGET[Target(one.target)] is four]
    signed = [(one.raw if one.target == four.targets[0] else -one.raw, one) for one in mine]
    raw = sum(amount for amount, _one in signed)
    points = value / raw if abs(raw) > 1e-12 else 0.0
    contributions = [_contribution(amount, points, one) for amount, one in signed]
    contributions.sort(key=lambda one: -abs(one.raw))
    return Explanation(four.name, value, raw, contributions, HALF_LIVES[four.targets[0]])


def _contribution(amount: float, points: float, one: _Sum) -> Contribution:
    kind = BY_CODE.get(one.kind)
    return Contribution(
        kind=one.kind,
        name=str(kind.name) if kind else "",
        events=one.events,
        last_day=one.last_day,
        raw=amount,
        points=amount * points,
        raw_in_30_days=amount * float(decay(LATER_DAYS, one.half_life)),
        half_life_days=one.half_life,
    )
