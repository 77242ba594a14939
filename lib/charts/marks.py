"""The small signs that stand in lists: meter, bars, spark. All coordinates come out as strings."""

from collections.abc import Sequence
from dataclasses import dataclass

from lib.charts.scales import at, share

SEGMENTS = 6
GAP = 0.35  # between the parts of a stacked bar, in percent of its width


@dataclass(frozen=True)
class Meter:
    """Six segments: they point right when powering up, left when powering down, stand square when steady."""

    width: str
    height: str
    segments: tuple[tuple[str, str], ...]  # (class, path)


def draw_meter(reached: int, direction: int, *, big: bool = False) -> Meter:
    """The meter of level `reached` (0 unknown, 1 dormant … 6 champion) moving in `direction` (−1, 0, 1).

    On the way down the segment about to be lost is marked "going".
    """
    width, height, gap, point = (22.0, 14.0, 3.0, 6.0) if big else (10.0, 9.0, 2.0, 3.5)
    segments = []
    for index in range(SEGMENTS):
        colour = f"level-{reached}" if index < reached else "level-0"
        if direction < 0 and index == reached - 1:
            colour += " going"
        segments.append((colour, _segment(index * (width + gap), width, height, point, direction)))
    whole = SEGMENTS * width + (SEGMENTS - 1) * gap + point
    return Meter(at(whole), at(height), tuple(segments))


def _segment(x: float, width: float, height: float, point: float, direction: int) -> str:
    half, w, p = at(height / 2), at(width), at(point)
    if direction > 0:
        return f"M{at(x)} 0h{w}l{p} {half}l-{p} {half}h-{w}l{p} -{half}z"
    if direction < 0:
        return f"M{at(x + point)} 0h{w}l-{p} {half}l{p} {half}h-{w}l-{p} -{half}z"
    return f"M{at(x + point / 2)} 0h{w}v{at(height)}h-{w}z"


@dataclass(frozen=True)
class Part:
    """One stretch of a bar, in percent of its width."""

    colour: str
    x: str
    width: str
    label: str = ""


def stack_parts(parts: Sequence[tuple[str, float, str]]) -> tuple[Part, ...]:
    """`(colour, value, label)` side by side to 100 %; a part that is there is never thinner than a hair."""
    whole = sum(value for _, value, _ in parts)
    drawn, x = [], 0.0
    for colour, value, label in parts:
        width = share(value, whole)
        if value > 0:
            drawn.append(Part(colour, at(x), at(max(width - GAP, 0.4)), label))
        x += width
    return tuple(drawn)


def signed_part(value: float, colour: str, whole: float = 100) -> Part:
    """From the middle to the right for a positive `value`, to the left for a negative one."""
    half = share(abs(value), whole) / 2
    return Part(colour, at(50 if value >= 0 else 50 - half), at(half))


@dataclass(frozen=True)
class Bullet:
    """How far from a baseline to a target, in percent of the axis."""

    now: str
    base: str
    target: str


def draw_bullet(base: float, now: float, target: float, whole: float | None = None) -> Bullet:
    """`whole` is the end of the axis; without one it lies a quarter beyond the largest of the three."""
    end = whole if whole is not None else max(base, now, target, 1e-9) * 1.25
    return Bullet(at(share(now, end)), at(share(base, end)), at(min(share(target, end), 99.2)))


@dataclass(frozen=True)
class Spark:
    """A line without axes; the dot is today."""

    width: int
    height: int
    path: str
    x: str
    y: str


def draw_spark(values: Sequence[float], width: int = 84, height: int = 22) -> Spark | None:
    """None when fewer than two values are known: one point is no direction."""
    if len(values) < 2:
        return None
    low, spread = min(values), (max(values) - min(values)) or 1
    step = (width - 6) / (len(values) - 1)
    points = [
        (at(index * step + 2), at(height - 3 - (value - low) / spread * (height - 7)))
        for index, value in enumerate(values)
    ]
    path = "M" + "L".join(f"{x} {y}" for x, y in points)
    return Spark(width, height, path, *points[-1])
