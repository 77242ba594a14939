"""From values to places on paper: rounding, axes and ticks."""

import math
from dataclasses import dataclass

from lib.local_words import number

GRIDLINES = 4
FLAT = 1e-9  # a smaller spread is no spread: nobody could see it, and floats would lose it


def at(value: float) -> str:
    """`value` as an SVG coordinate: at most two decimals, always with a point, never "-0"."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def share(value: float, whole: float) -> float:
    """`value` as a part of `whole`, in percent, held between 0 and 100; 0 of nothing is 0."""
    if whole <= 0:
        return 0.0
    return min(100.0, max(0.0, value / whole * 100))


def round_step(span: float, lines: int = GRIDLINES) -> float:
    """The smallest of 1, 2, 5 × 10ⁿ that cuts `span` into at most `lines` pieces."""
    if span <= 0:
        return 1.0
    rough = span / lines
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= rough * 0.9999)


@dataclass(frozen=True)
class Axis:
    """A value axis: where it begins and ends, and the round values that get a line."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def place(self, value: float, start: float, end: float) -> float:
        """The coordinate of `value` when `low` lies at `start` and `high` at `end`."""
        return start + (value - self.low) / (self.high - self.low) * (end - start)


def axis_of(values: list[float], low: float | None = None, high: float | None = None) -> Axis:
    """A round axis around `values` with the zero line in view, unless `low` or `high` pin it."""
    bottom = min([0.0, *values]) if low is None else low
    top = max([0.0, *values]) if high is None else high
    if top - bottom < FLAT:
        top = bottom + 1
    step = round_step(top - bottom)
    first = math.floor(bottom / step + 1e-9) if low is None else math.ceil(bottom / step - 1e-9)
    last = math.ceil(top / step - 1e-9) if high is None else math.floor(top / step + 1e-9)
    ticks = tuple(round(n * step, 10) for n in range(first, last + 1))
    return Axis(bottom if low is not None else ticks[0], top if high is not None else ticks[-1], ticks)


def short(value: float) -> str:
    """A number as a tick or label prints it: 1200 → "1.2k", 0.25 → "0.25", with a true minus."""
    size = abs(value)
    for limit, letter in ((1_000_000, "M"), (1_000, "k")):
        if size >= limit * 1.0:
            return _trimmed(value / limit, 1) + letter
    return _trimmed(value, 2)


def _trimmed(value: float, decimals: int) -> str:
    rounded = round(value, decimals)
    shortest = len(f"{rounded:.{decimals}f}".rstrip("0").partition(".")[2])
    return number(rounded, shortest)
