"""The cohort grid: rows of people who began together, columns of time since."""

from collections.abc import Sequence
from dataclasses import dataclass

from lib.charts.scales import at, short

CELL, ROW, LEFT, TOP = 58, 26, 132, 22
SHADES = 5


@dataclass(frozen=True)
class Cell:
    """One value with its shade 1…5."""

    x: int
    text_x: int
    shade: int
    label: str


@dataclass(frozen=True)
class Row:
    """A cohort: name, how many people, and its cells."""

    y: int
    text_y: int
    name: str
    size: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Cohort:
    """The whole grid."""

    width: int
    height: int
    heads: tuple[tuple[int, str], ...]
    rows: tuple[Row, ...]


def draw_cohort(rows: Sequence[tuple[str, int, Sequence[float | None]]], columns: Sequence[str]) -> Cohort:
    """`rows` are `(name, people, values)`; None is a time that has not come yet.

    Shades are fifths of the values seen, so a grid of small shares is as readable as one of large ones.
    """
    seen = sorted(value for _, _, values in rows for value in values if value is not None)
    cuts = [seen[len(seen) * n // SHADES] for n in range(1, SHADES)] if seen else []
    drawn = []
    for number, (name, people, values) in enumerate(rows):
        y = TOP + number * ROW
        cells = tuple(
            Cell(LEFT + i * CELL, LEFT + i * CELL + CELL // 2 - 1, _shade(value, cuts), short(value))
            for i, value in enumerate(values)
            if value is not None
        )
        drawn.append(Row(y, y + 17, name, short(people) if people >= 10_000 else str(people), cells))
    heads = tuple((LEFT + i * CELL + CELL // 2 - 1, name) for i, name in enumerate(columns))
    return Cohort(LEFT + CELL * len(columns) + 4, TOP + ROW * len(rows) + 2, heads, tuple(drawn))


def _shade(value: float, cuts: Sequence[float]) -> int:
    if cuts and cuts[0] == cuts[-1]:
        return 3
    return 1 + sum(value >= cut for cut in cuts)


HEAT_CELL = 22


@dataclass(frozen=True)
class Heat:
    """A heat map: `cells` are (x, y, shade, title)."""

    width: int
    height: int
    cells: tuple[tuple[int, int, int, str], ...]
    rows: tuple[tuple[int, str], ...]
    columns: tuple[tuple[str, str], ...]


def draw_heat(rows: Sequence[tuple[str, Sequence[float]]], columns: Sequence[str], every: int = 3) -> Heat:
    """Days by hours, say: shade 0 (nothing) to 5 by share of the largest value; each `every`-th column is named."""
    largest = max((value for _, values in rows for value in values), default=0)
    left, cells = 64, []
    for r, (name, values) in enumerate(rows):
        for c, value in enumerate(values):
            shade = 0 if value <= 0 or largest <= 0 else min(SHADES, 1 + int(value / largest * (SHADES - 1) + 0.5))
            title = f"{name}, {columns[c]}: {short(value)}"
            cells.append((left + c * HEAT_CELL, TOP + r * HEAT_CELL, shade, title))
    return Heat(
        left + HEAT_CELL * len(columns) + 2,
        TOP + HEAT_CELL * len(rows) + 2,
        tuple(cells),
        tuple((TOP + r * HEAT_CELL + 15, name) for r, (name, _) in enumerate(rows)),
        tuple((at(left + c * HEAT_CELL + 10), name) for c, name in enumerate(columns) if c % every == 0),
    )
