"""Levels power up and down: announced with hysteresis, and the next fall is known before it comes.

For each contact the earliest moment at which the overall score can cross a bound with nothing new happening is found
by bisection and kept as a Fall row; the agenda sweeps those that are due, so nobody scans everybody.
"""

from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from ecrm.lib.clock import now
from ecrm.lib.sql import run_text
from engagement.modelling import current_model
from engagement.models import Fall, Level, LevelMove, Score, ScoreModel
from engagement.reading import HALF_LIFE_OF_SUM, THRESHOLDS, Rows, figures, plain_levels, read_rows
from touchpoints.models import DayCount
from workspaces.current import current_workspace_id

SWEEP = 5_000
FIRST_LOOK_DAYS, LAST_LOOK_DAYS, LOOKS, HALVINGS = 0.02, 800.0, 40, 22
YOUNG_DAYS = 30
SET_LEVELS = """
-- Announce levels and keep the moment of the next possible crossing.
WITH n AS (SELECT * FROM unnest(%(ids)s::bigint[], %(levels)s::smallint[], %(moved)s::boolean[]) AS n (contact, level, moved))
UPDATE engagement_score s SET level = n.level, level_at = CASE WHEN n.moved THEN %(at)s ELSE s.level_at END
FROM n WHERE s.workspace_id = %(workspace)s AND s.contact_id = n.contact AND s.level <> n.level
"""
SET_FALLS = """
-- The next moment to look at each of these people; none for those whom time alone cannot move.
WITH n AS (SELECT * FROM unnest(%(ids)s::bigint[], %(falls)s::timestamptz[]) AS n (contact, due_at)),
gone AS (DELETE FROM engagement_fall f USING n
         WHERE f.workspace_id = %(workspace)s AND f.contact_id = n.contact AND n.due_at IS NULL)
UPDATE engagement_fall f SET due_at = n.due_at
FROM n WHERE f.workspace_id = %(workspace)s AND f.contact_id = n.contact AND n.due_at IS NOT NULL
"""

FORGET_UNSCORED = """
-- Nobody has to look at people without a score.
DELETE FROM engagement_fall f WHERE workspace_id = %(workspace)s AND contact_id = ANY(%(ids)s) AND NOT EXISTS (
  SELECT 1 FROM engagement_score s WHERE s.workspace_id = f.workspace_id AND s.contact_id = f.contact_id)
"""


@transaction.atomic
def sweep_levels() -> datetime | None:
    """Announce the levels of everybody who is due (5,000 at most) and return the next due moment, if any.

    Locks Score before Fall, as recorders do, and leaves out whom a recorder holds just now: they stay due. A move
    up is announced at once, a move down only past the floor.
    """
    at = now()
    due = list(Fall.objects.filter(due_at__lte=at).order_by("due_at").values_list("contact_id", flat=True)[:SWEEP])
    if due:
        run_text(FORGET_UNSCORED, {"workspace": current_workspace_id(), "ids": due})
        free = Score.objects.filter(contact__in=due).order_by("contact_id").select_for_update(skip_locked=True)
        rows = read_rows("engagement/sums_now", {"contacts": list(free.values_list("contact_id", flat=True))})
        _announce(rows, current_model(), at)
    return Fall.objects.order_by("due_at").values_list("due_at", flat=True).first()


def _announce(rows: Rows, model: ScoreModel, at: datetime) -> None:
    overall = figures(rows, model, at).overall
    levels = next_levels(rows.levels, overall) if has_history(at) else np.zeros_like(rows.levels)
    moved = levels != rows.levels
    falls = next_crossings(rows, model, at, levels)
    ids = list(rows.contact_ids)
    workspace = current_workspace_id()
    run_text(
        SET_LEVELS,
        {"workspace": workspace, "ids": ids, "levels": levels.tolist(), "moved": moved.tolist(), "at": at},
    )
    run_text(SET_FALLS, {"workspace": workspace, "ids": ids, "falls": falls})
    LevelMove.objects.bulk_create(
        LevelMove(contact_id=ids[i], at=at, before=int(rows.levels[i]), after=int(levels[i]))
        for i in np.flatnonzero(moved)
        if rows.levels[i] != Level.UNKNOWN and levels[i] != Level.UNKNOWN
    )


def floors(levels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Below which overall score each announced level is lost: its threshold less 5 points (half of it for aware)."""
    lost = np.concatenate([[-1.0, -1.0], THRESHOLDS - np.minimum(5.0, THRESHOLDS / 2)])
    return lost[levels]


def next_levels(levels: NDArray[np.int64], overall: NDArray[np.float64]) -> NDArray[np.int64]:
    """The level to announce: up at the threshold, down only past the floor."""
    plain = plain_levels(overall)
    falls = (plain < levels) & (overall >= floors(levels))
    return np.where(falls, levels, plain)


def next_crossings(rows: Rows, model: ScoreModel, at: datetime, levels: NDArray[np.int64]) -> list[datetime | None]:
    """For each person the first moment after `at` at which time alone changes the level; None if it never does."""
    if not len(levels):
        return []
    known = levels > 0
    down, up = floors(levels), np.concatenate([[1e9], THRESHOLDS, [1e9]])[levels]

    def crossed(days: NDArray[np.float64]) -> NDArray[np.bool_]:
        overall = _overall_after(rows, model, at, days)
        return known & ((overall < down) | (overall >= up))

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


def _overall_after(rows: Rows, model: ScoreModel, at: datetime, days: NDArray[np.float64]) -> NDArray[np.float64]:
    """Overall scores `days` after `at`, one moment a person: the sums age, the clock stays."""
    aged = Rows(
        rows.contact_ids,
        rows.roles,
        rows.sums * np.exp2(-days[:, None] / HALF_LIFE_OF_SUM[None, :]),
        rows.levels,
        rows.week_overall,
    )
    return figures(aged, model, at).overall


def has_history(at: datetime) -> bool:
    """Whether this workspace knows 30 days of its people; before that a level is "unknown", not "dormant"."""
    return DayCount.objects.filter(day__lte=(at - timedelta(days=YOUNG_DAYS)).date()).exists()
