"""From decayed sums to what people see: four scores, the overall one, the level."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contacts.models import Audience
from ecrm.lib.clock import now
from ecrm.lib.sql import run_sql
from engagement.defaults import HALF_LIVES, SUMS
from engagement.modelling import current_model
from engagement.models import Level, ScoreModel
from workspaces.current import current_workspace_id

Floats = NDArray[np.float64]
HALF_LIFE_OF_SUM = np.array([HALF_LIVES[no // 2][no % 2] for no in range(len(SUMS))])
THRESHOLDS = np.array([5.0, 20.0, 40.0, 60.0, 80.0])  # from here on aware, warm, engaged, loyal, champion
NAMES = ("involvement", "interaction", "intimacy", "influence")


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
        return "for" if self.intimacy >= 15 else "against" if self.intimacy <= -15 else "mixed"


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
    """What the sums show at `at` under `model`: 100·(1 − exp(−raw/K)), K by audience; intimacy keeps its sign."""
    days = (at - model.landmark).total_seconds() / 86400
    decay = np.exp2(np.clip(-days / HALF_LIFE_OF_SUM, -1000, 1000))
    pairs = (rows.sums * decay).reshape(-1, 5, 2).sum(axis=2)  # involvement, interaction, warm, cold, influence
    raw = np.stack([pairs[:, 0], pairs[:, 1], pairs[:, 2] - pairs[:, 3], pairs[:, 4]], axis=1)
    scales = _by_role(rows.roles, {int(k): [v[n] for n in NAMES] for k, v in model.scales.items()})
    four = np.sign(raw) * 100 * (1 - np.exp(-np.abs(raw) / scales))
    mixes = _by_role(rows.roles, {int(k): v for k, v in model.mixes.items()})
    overall = (np.maximum(four, 0) * mixes).sum(axis=1)
    return Figures(four, overall, raw)


def plain_levels(overall: Floats) -> NDArray[np.int64]:
    """Levels 1-6 without hysteresis."""
    return np.searchsorted(THRESHOLDS, overall, side="right") + 1


def shown_for(contact_ids: Iterable[int], at: datetime | None = None) -> dict[int, Shown]:
    """The scores of these people at `at` (default now), by id; who has none is left out. Two queries."""
    ids, at, model = list(contact_ids), at or now(), current_model()
    rows = read_rows("engagement/sums_now", {"contacts": ids})
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


def read_rows(name: str, params: dict[str, Any]) -> Rows:
    """Rows of a named statement: contact, role, level, last week's overall, then the ten sums."""
    found = run_sql(name, {"workspace": current_workspace_id(), **params})
    return Rows(
        contact_ids=[row[0] for row in found],
        roles=np.array([row[1] for row in found], dtype=np.int64),
        levels=np.array([row[2] for row in found], dtype=np.int64),
        week_overall=np.array([np.nan if row[3] is None else row[3] for row in found], dtype=np.float64),
        sums=np.array([row[4:] for row in found], dtype=np.float64).reshape(-1, len(SUMS)),
    )


def _by_role(roles: NDArray[np.int64], table: dict[int, Sequence[float]]) -> Floats:
    lookup = np.array([table.get(role, table[int(Audience.PROSPECT)]) for role in range(6)], dtype=np.float64)
    return lookup[roles].reshape(-1, 4)


def _directions(overall: Floats, week: Floats) -> NDArray[np.int64]:
    """1 rising, -1 falling, 0 steady: two points against last week make a direction."""
    change = np.where(np.isnan(week), 0, overall - week)
    return np.where(change >= 2, 1, np.where(change <= -2, -1, 0)).astype(np.int64)
