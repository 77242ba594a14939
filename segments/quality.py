"""List quality: how many people of the list can be reached, never were, went quiet, bounce; each figure leads to them.

Rooms offer the figures (`Room.quality_figures`). In a small workspace they are counted while one waits, in a big one they
are kept and counted in the background.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lib.offers import Narrowing, QualityFigure
from lib.rooms import house
from lib.sql import load_sql, run_text
from segments.listing import COUNT_UP_TO, count_people
from workspaces.current import current_workspace_id
from workspaces.kept_figures import kept_figure
from workspaces.requests import Request

QUALITY = "segments.quality"


@dataclass(frozen=True)
class Quality:
    """All figures of the open workspace, of how many people, and when they were counted (None: just now)."""

    total: int
    lines: list[tuple[QualityFigure, int]]
    counted_at: datetime | None = None


def quality() -> Quality | None:
    """Counted now; of a big workspace what is kept, None while it is counted for the first time."""
    if count_people() > COUNT_UP_TO:
        kept = kept_figure(QUALITY)
        return _with_lines(kept.data, kept.at) if kept else None
    return _with_lines(quality_now(), None)


def quality_now(_argument: int = 0) -> dict[str, int]:
    """Name of a figure → how many, and "" → of how many. One statement, whatever the number of figures."""
    figures = house.quality_figures
    params: dict[str, Any] = {"workspace": current_workspace_id()}
    for one in figures.values():
        params |= one.params()
    counts = ", ".join(f"count(*) FILTER (WHERE true {one.condition})" for one in figures.values())
    known = load_sql("segments/known_people", found="", with_role="")
    [row] = run_text(f"SELECT count(*), {counts} FROM contacts_contact c WHERE {known}", params)
    return dict(zip(("", *figures), row, strict=True))


def of_quality(_request: Request, value: str) -> Narrowing | None:
    """`?quality=bounced`: whom the figure counts."""
    figure = house.quality_figures.get(value)
    return Narrowing(figure.label, figure.condition, figure.params()) if figure else None


def _with_lines(counts: dict[str, int], at: datetime | None) -> Quality:
    lines = [(one, counts.get(name, 0)) for name, one in house.quality_figures.items()]
    return Quality(counts[""], lines, at)
