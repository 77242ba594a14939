"""Levels power up and down: announced with hysteresis, and the next fall is known before it comes.

For each contact the earliest moment at which the overall score can cross a bound with nothing new happening is found
by bisection and kept as a Fall row; the agenda sweeps those that are due and those whom something touched, so nobody
scans everybody.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import batched

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from engagement.formula import days_since
from engagement.levels import YOUNG_DAYS, Level, ceilings, floors, next_levels
from engagement.modelling import current_model
from engagement.models import Fall, LevelMove, Score, ScoreModel, Touched
from engagement.news import levels_moved
from engagement.reading import Rows, figures, figures_after, rows_now
from lib.clock import now
from lib.sql import run_sql
from touchpoints.models import DayCount
from workspaces.current import current_workspace_id

SWEEP = 5_000
# Where to look for the next crossing, in days from now: 40 places from half an hour to two years, then halved 22 times.
FIRST_LOOK_DAYS, LAST_LOOK_DAYS, LOOKS, HALVINGS = 0.02, 800.0, 40, 22


@transaction.atomic
def sweep_levels() -> datetime | None:
    """Announce the levels of everybody who is due (about 5,000 at most) and return the next due moment, if any.

    Due is whom something touched since, and whose Fall has come. Whom a recorder holds just now is left for the next
    time. A move up is announced at once, a move down only past the floor. Tells whose level moved.
    """
    at, workspace = now(), current_workspace_id()
    due = [int(str(row[0])) for row in run_sql("engagement/take_touched", _of(workspace, limit=SWEEP, now=at))]
    if due:
        run_sql("engagement/forget_unscored", _of(workspace, ids=due))
        free = {int(str(row[0])) for row in run_sql("engagement/hold_scores", _of(workspace, ids=due))}
        rows = rows_now(sorted(free))
        _announce(rows, current_model(), at)
        if held := [one for one in due if one not in free]:
            later = Score.objects.filter(contact__in=held).order_by("contact_id").values_list("contact_id", flat=True)
            touch(list(later))
    if Touched.objects.exists():
        return at
    return Fall.objects.order_by("due_at").values_list("due_at", flat=True).first()


def touch(contact_ids: Sequence[int]) -> None:
    """The levels of these people are to be looked at."""
    Touched.objects.bulk_create(Touched(contact_ids=list(some)) for some in batched(contact_ids, SWEEP))


def _announce(rows: Rows, model: ScoreModel, at: datetime) -> None:
    overall = figures(rows, model, at).overall
    levels = next_levels(rows.levels, overall) if has_history(at) else np.zeros_like(rows.levels)
    moved = levels != rows.levels
    falls = next_crossings(rows, model, at, levels)
    ids = list(rows.contact_ids)
    workspace = current_workspace_id()
    run_sql("engagement/set_levels", _of(workspace, ids=ids, levels=levels.tolist(), at=at))
    run_sql("engagement/set_falls", _of(workspace, ids=ids, falls=falls))
    run_sql("engagement/keep_heat", _of(workspace, ids=ids))
    LevelMove.objects.bulk_create(
        LevelMove(contact_id=ids[i], at=at, before=int(rows.levels[i]), after=int(levels[i]))
        for i in np.flatnonzero(moved)
        if rows.levels[i] != Level.UNKNOWN and levels[i] != Level.UNKNOWN
    )
    if moved.any():
        levels_moved.tell(contact_ids=[ids[i] for i in np.flatnonzero(moved)])


def _of(workspace: int, **params: object) -> dict[str, object]:
    return {"workspace": workspace, **params}


def next_crossings(rows: Rows, model: ScoreModel, at: datetime, levels: NDArray[np.int64]) -> list[datetime | None]:
    """For each person the first moment after `at` at which time alone changes the level; None if it never does."""
    if not len(levels):
        return []
    known = levels != Level.UNKNOWN
    down, up, since = floors(levels), ceilings(levels), days_since(at, model)

    def crossed(days: NDArray[np.float64]) -> NDArray[np.bool_]:
        overall = figures_after(rows, model, since + days).overall
        hit: NDArray[np.bool_] = known & ((overall < down) | (overall >= up))
        return hit

    low = np.zeros(len(levels))
    high = np.full(len(levels), np.nan)
    for look in np.geomspace(FIRST_LOOK_DAYS, LAST_LOOK_DAYS, LOOKS):
        open_ = np.isnan(high)
        hit = crossed(np.full(len(levels), look))
        high = np.where(open_ & hit, look, high)
        low = np.where(open_ & ~hit, look, low)
    found = ~np.isnan(high)
    high = np.where(found, high, low)
    for _halving in range(HALVINGS):
        middle = (low + high) / 2
        hit = crossed(middle)
        high, low = np.where(hit, middle, high), np.where(hit, low, middle)
    return [at + timedelta(days=float(high[i]), seconds=1) if found[i] else None for i in range(len(levels))]


def has_history(at: datetime) -> bool:
    """Whether this workspace knows 30 days of its people; before that a level is "unknown", not "dormant"."""
    return DayCount.objects.filter(day__lte=(at - timedelta(days=YOUNG_DAYS)).date()).exists()
