"""A funnel, and an interval against zero."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.charts.scales import FLAT, at, axis_of, short

FUNNEL_WIDTH, MIDDLE, TALLEST = 640, 60, 56
DEPTHS = 5


@dataclass(frozen=True)
class Step:
    """One step of a funnel with its share of the step before (None for the first), more than 100 where it is more.

    `of`: the label of the step that it is a share of, "" for the one before.
    """

    label: str
    value: float
    of_before: float | None
    of: str
    depth: int  # of its colour, 1 to 5
    path: str


def draw_funnel(steps: Sequence[tuple[str, float]], bases: Mapping[int, int] | None = None) -> tuple[Step, ...]:
    """`(label, value)` from the widest to the narrowest; every step stays visible, however few are left.

    `bases`: of a step that is no part of the one before, the place of the step that it is a part of.
    """
    bases = bases or {}
    if not steps:
        return ()
    most = max(value for _, value in steps) or 1
    heights = [max(3.0, value / most * TALLEST) for _, value in steps]
    wide = FUNNEL_WIDTH / len(steps)
    drawn = []
    for index, (label, value) in enumerate(steps):
        here = heights[index] / 2
        after = heights[index + 1] / 2 if index + 1 < len(steps) else here
        x, end = at(index * wide + 2), at((index + 1) * wide - 2)
        path = f"M{x} {at(MIDDLE - here)}L{end} {at(MIDDLE - after)}V{at(MIDDLE + after)}L{x} {at(MIDDLE + here)}z"
        of = bases.get(index, index - 1)
        before = steps[of][1] if index else None
        part = None if before is None else 100 * value / before if before > 0 else 0.0
        depth = 1 + index * DEPTHS // len(steps)
        drawn.append(Step(label, value, part, steps[of][0] if index in bases else "", depth, path))
    return tuple(drawn)


@dataclass(frozen=True)
class Interval:
    """An estimate with its bounds, on an axis that shows zero."""

    width: int
    height: int
    zero: str
    low: str
    high: str
    estimate: str
    ticks: tuple[tuple[str, str, str, str], ...]  # (x, text x, label, anchor)


def draw_interval(low: float, estimate: float, high: float, *, width: int = 640, height: int = 62) -> Interval:
    """The axis reaches from beyond `low` to beyond `high`, zero always inside, unbounded ends are clipped."""
    finite = [value for value in (low, estimate, high) if math.isfinite(value)]
    spread = max((abs(value) for value in finite), default=1.0)
    spread = spread if spread > FLAT else 1.0
    axis = axis_of([*finite, -spread * 0.3, spread * 1.2])

    def x(value: float) -> float:
        return axis.place(min(max(value, axis.low), axis.high), 12, width - 12)

    ticks = []
    for tick in axis.ticks:
        sign = "+" if tick > 0 else ""
        anchor = "start" if tick == axis.low else "end" if tick == axis.high else "middle"
        edge = {"start": -12.0, "end": 12.0, "middle": 0.0}[anchor]
        ticks.append((at(x(tick)), at(x(tick) + edge), sign + short(tick), anchor))
    return Interval(width, height, at(x(0)), at(x(low)), at(x(high)), at(x(estimate)), tuple(ticks))
