"""One series over time: line, area, annotations, and a hit area for every value."""

from collections.abc import Sequence
from dataclasses import dataclass

from lib.charts.scales import Axis, at, axis_of, short

LEFT, RIGHT, TOP, BOTTOM = 30, 10, 18, 20


@dataclass(frozen=True)
class Annotation:
    """A word about a stretch of time: `start` and `end` are positions in the series, both included."""

    label: str
    start: int
    end: int


@dataclass(frozen=True)
class Tick:
    """A grid line with its label; `anchor` is SVG's text-anchor."""

    x: str
    y: str
    label: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Point:
    """One value: where it is, the stripe that belongs to it, and where its text stands."""

    x: str
    y: str
    left: str
    width: str
    text_x: str
    label: str
    value: str


@dataclass(frozen=True)
class Band:
    """An annotation as drawn."""

    x: str
    width: str
    text_x: str
    anchor: str
    label: str


@dataclass(frozen=True)
class Trend:
    """A drawn trend. `lines` are paths: a value of None breaks the line instead of falling to zero."""

    width: int
    height: int
    left: int
    right: int
    top: int
    floor: int
    plot: int
    axis_label_y: int
    value_y: int
    lines: tuple[str, ...]
    areas: tuple[str, ...]
    grid: tuple[Tick, ...]
    labels: tuple[Tick, ...]
    bands: tuple[Band, ...]
    marks: tuple[Tick, ...]
    points: tuple[Point, ...]
    end_x: str
    end_y: str


Series = Sequence[tuple[str, float | None]]


def draw_trend(
    series: Series,
    *,
    annotations: Sequence[Annotation] = (),
    low: float | None = None,
    high: float | None = None,
    marks: Sequence[tuple[str, float]] = (),
    width: int = 268,
    height: int = 132,
) -> Trend | None:
    """The trend of `(label, value)` pairs, oldest first; None when not a single value is known.

    `marks` are `(label, value)`: dashed lines across, such as a target.
    """
    known = [value for _, value in series if value is not None]
    if not known:
        return None
    axis = axis_of([*known, *(value for _, value in marks)], low, high)
    floor, right = height - BOTTOM, width - RIGHT
    step = (right - LEFT) / max(1, len(series) - 1)
    xs = [LEFT + index * step for index in range(len(series))]
    ys = [None if value is None else axis.place(value, floor, TOP) for _, value in series]
    runs = _runs(xs, ys)
    base = at(axis.place(max(axis.low, 0.0) if axis.high > 0 else axis.high, floor, TOP))
    return Trend(
        width=width, height=height, left=LEFT, right=right, top=TOP, floor=floor, plot=floor - TOP,
        axis_label_y=height - 5, value_y=floor - 6,
        lines=tuple("M" + "L".join(f"{at(x)} {at(y)}" for x, y in run) for run in runs),
        areas=tuple(_area(run, base) for run in runs if len(run) > 1),
        grid=_grid(axis, floor),
        labels=_labels(series, xs),
        bands=tuple(_band(note, xs) for note in annotations),
        marks=tuple(Tick(str(right), at(axis.place(value, floor, TOP)), label, "end") for label, value in marks),
        points=_points(series, xs, ys, step, width),
        end_x=at(runs[-1][-1][0]), end_y=at(runs[-1][-1][1]),
    )  # fmt: skip


def _runs(xs: Sequence[float], ys: Sequence[float | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(xs, ys, strict=True):
        if y is not None:
            runs[-1].append((x, y))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _area(run: list[tuple[float, float]], base: str) -> str:
    line = "L".join(f"{at(x)} {at(y)}" for x, y in run)
    return f"M{at(run[0][0])} {base}L{line}L{at(run[-1][0])} {base}z"


def _grid(axis: Axis, floor: int) -> tuple[Tick, ...]:
    return tuple(Tick(str(LEFT - 6), at(axis.place(tick, floor, TOP)), short(tick), "end") for tick in axis.ticks)


def _labels(series: Series, xs: Sequence[float]) -> tuple[Tick, ...]:
    """First, middle and last: three fit in every width and every language."""
    last = len(series) - 1
    if last < 1:
        return (Tick(at(xs[0]), "", series[0][0], "start"),)
    shown = [Tick(at(xs[0]), "", series[0][0], "start")]
    if last >= 4:
        middle = (last + 1) // 2
        shown.append(Tick(at(xs[middle]), "", series[middle][0]))
    return (*shown, Tick(at(xs[last]), "", series[last][0], "end"))


def _band(note: Annotation, xs: Sequence[float]) -> Band:
    last = len(xs) - 1
    start, end = max(0, min(note.start, last)), max(0, min(note.end, last))
    step = xs[1] - xs[0] if last else 8.0
    width = max(xs[end] - xs[start], step)
    late = xs[start] > (xs[0] + xs[-1]) / 2 + step
    text_x = xs[start] + width if late else xs[start] + 1
    return Band(at(xs[start]), at(width), at(text_x), "end" if late else "start", note.label)


def _points(
    series: Series, xs: Sequence[float], ys: Sequence[float | None], step: float, width: int
) -> tuple[Point, ...]:
    points = []
    for (label, value), x, y in zip(series, xs, ys, strict=True):
        if value is None or y is None:
            continue
        stripe = max(step, 2.0)
        text = min(max(x, LEFT + 38), width - 44)
        points.append(Point(at(x), at(y), at(x - stripe / 2), at(stripe), at(text), label, short(value)))
    return tuple(points)


def change(series: Series) -> float | None:
    """Last known value minus first known value; None with fewer than two."""
    known = [value for _, value in series if value is not None]
    return known[-1] - known[0] if len(known) > 1 else None
