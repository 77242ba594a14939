"""From decayed sums to what people see: four scores, the overall one, the level."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contacts.models import Audience
from engagement import formula
from engagement.audiences import NO_ROLE
from engagement.formula import SUMS
from engagement.four import NAMES
from engagement.levels import Level, key_of
from engagement.modelling import current_model
from engagement.models import DayWeight, ScoreModel
from lib.clock import now
from lib.once import once_a_page
from lib.sql import run_sql
from workspaces.current import current_workspace_id

Floats = NDArray[np.float64]
FOR, MIXED, AGAINST = "for", "mixed", "against"
STANCE_FROM = 15  # of intimacy, either way
MOVES_FROM = 2.0  # points against last week make a direction


@dataclass(frozen=True, slots=True)
class Shown:
    """One person's scores: involvement, interaction, influence, overall 0-100, intimacy −100-100."""

    involvement: float
    interaction: float
    intimacy: float
    influence: float
    overall: float
    level: Level
    direction: int = 0

    @property
    def stance(self) -> str:
        """For, mixed or against, from intimacy."""
        return FOR if self.intimacy >= STANCE_FROM else AGAINST if self.intimacy <= -STANCE_FROM else MIXED

    @property
    def level_name(self) -> str:
        """The level's key, "advocate" for a champion whose voice reaches."""
        return key_of(self.level, self.influence)


@dataclass(frozen=True, slots=True)
class Rows:
    """Many people's sums at the landmark, with their audience: contact ids, roles, an (n, 10) array."""

    contact_ids: Sequence[int]
    roles: NDArray[np.int64]
    sums: Floats
    levels: NDArray[np.int64]
    week_overall: Floats


@dataclass(frozen=True, slots=True)
class Figures:
    """Many people's shown scores, as arrays of equal length."""

    four: Floats  # (n, 4): involvement, interaction, intimacy (signed), influence
    overall: Floats
    raw: Floats  # (n, 4)


def figures(rows: Rows, model: ScoreModel, at: datetime) -> Figures:
    """What the sums show at `at` under `model`, by the scale and mix of each person's audience."""
    return figures_after(rows, model, formula.days_since(at, model))


def figures_after(rows: Rows, model: ScoreModel, days: float | Floats) -> Figures:
    """The same, so many days after the landmark; one number, or one for each person."""
    raw = formula.raw_scores(rows.sums, days)
    scales = _by_role(rows.roles, {int(k): [v[n] for n in NAMES] for k, v in model.scales.items()})
    four = formula.shown(raw, scales)
    overall = formula.overall(four, _by_role(rows.roles, {int(k): v for k, v in model.mixes.items()}))
    return Figures(four, overall, raw)


def shown_for(contact_ids: Iterable[int], at: datetime | None = None) -> dict[int, Shown]:
    """The scores of these people at `at` (default now), by id; who has none is left out. Two queries."""
    ids, at, model = list(contact_ids), at or now(), current_model()
    rows = rows_now(ids)
    shown = figures(rows, model, at)
    directions = _directions(shown.overall, rows.week_overall)
    return {
        contact: Shown(
            involvement=float(four[0]),
            interaction=float(four[1]),
            intimacy=float(four[2]),
            influence=float(four[3]),
            overall=float(overall),
            level=Level(int(level)),
            direction=int(direction),
        )
        for contact, four, overall, level, direction in zip(
            rows.contact_ids, shown.four, shown.overall, rows.levels, directions, strict=True
        )
    }


@once_a_page
def day_weights(contact_id: int) -> list[tuple[int, int, date, int, float]]:
    """What each day of one contact weighs: (kind, target, day, count, weight), in that order. One query."""
    rows = DayWeight.objects.filter(contact_id=contact_id, count__gt=0).order_by("kind", "target", "day")
    return list(rows.values_list("kind", "target", "day", "count", "weight"))


def level_text(shown: Shown) -> str:
    """The level as a file says it."""
    return str(shown.level.label)


def rows_now(contact_ids: Sequence[int] | None) -> Rows:
    """The sums of these people, or of everybody who has any."""
    return _rows_of(None if contact_ids is None else tuple(contact_ids))


@once_a_page
def _rows_of(contact_ids: tuple[int, ...] | None) -> Rows:
    return read_rows("engagement/scores_now", {"contacts": None if contact_ids is None else list(contact_ids)})


def read_rows(name: str, params: dict[str, Any], **holes: str) -> Rows:
    """Rows of a named statement: contact, role, level, last week's overall, then the ten sums."""
    found = run_sql(
        name,
        {"workspace": current_workspace_id(), "no_role": int(NO_ROLE), **params},
        sum_names=", ".join(f"s.{name}" for name in SUMS),
        **holes,
    )
    return Rows(
        contact_ids=[row[0] for row in found],
        roles=np.array([row[1] for row in found], dtype=np.int64),
        levels=np.array([row[2] for row in found], dtype=np.int64),
        week_overall=np.array([np.nan if row[3] is None else row[3] for row in found], dtype=np.float64),
        sums=np.array([row[4:] for row in found], dtype=np.float64).reshape(-1, len(SUMS)),
    )


def _by_role(roles: NDArray[np.int64], table: dict[int, Sequence[float]]) -> Floats:
    lookup = np.array([table.get(role, table[int(NO_ROLE)]) for role in range(max(Audience) + 1)], dtype=np.float64)
    return lookup[roles].reshape(-1, 4)


def _directions(overall: Floats, week: Floats) -> NDArray[np.int64]:
    """1 rising, -1 falling, 0 steady."""
    change = np.where(np.isnan(week), 0, overall - week)
    return np.where(change >= MOVES_FROM, 1, np.where(change <= -MOVES_FROM, -1, 0)).astype(np.int64)
