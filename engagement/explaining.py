"""Why this score: what each kind of touchpoint adds, what will be left of it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ecrm.lib.clock import now
from ecrm.lib.sql import run_dicts
from engagement.defaults import COLD, HALF_LIVES, INFLUENCE, INTERACTION, INVOLVEMENT, WARM
from engagement.modelling import current_model
from engagement.reading import NAMES, shown_for
from touchpoints.kinds import BY_CODE
from workspaces.current import current_workspace_id

I_OF_TARGET = {INVOLVEMENT: 0, INTERACTION: 1, WARM: 2, COLD: 2, INFLUENCE: 3}
CONTRIBUTIONS = """
-- What each kind of one contact's touchpoints adds to each target now, by the day weights.
SELECT d.kind, d.target, w.half_life, sum(d.count) AS events, max(d.day) AS last_day,
  sum(w.weight * d.weight / d.count * least(3, ln((1 + d.count)::float8) / 0.6931471805599453)
    * power(2::float8, greatest(-1000, least(1000, (d.day - %(landmark_day)s::date - %(age)s::float8) / w.half_life)))) AS raw
FROM engagement_dayweight d
JOIN jsonb_to_recordset(%(weights)s::jsonb) AS w (kind smallint, target smallint, weight float8, half_life float8)
  ON w.kind = d.kind AND w.target = d.target
WHERE d.workspace_id = %(workspace)s AND d.contact_id = %(contact)s
GROUP BY d.kind, d.target, w.half_life
ORDER BY raw DESC
"""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one kind adds to one I: raw (signed, in the model's units), points of the shown score, left in 30 days."""

    kind: int
    name: str
    events: int
    last_day: datetime
    raw: float
    points: float
    raw_in_30_days: float
    half_life_days: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """One I of one person: the shown value, its raw sum, and the contributions that add up to it (to 1e-6)."""

    name: str
    value: float
    raw: float
    contributions: list[Contribution]
    half_lives: tuple[float, float]


def explain_scores(contact_id: int, at: datetime | None = None) -> list[Explanation]:
    """Involvement, interaction, intimacy, influence of one contact, each with what it is made of."""
    at, model = at or now(), current_model()
    shown = shown_for([contact_id], at).get(contact_id)
    rows = run_dicts(
        CONTRIBUTIONS,
        {
            "workspace": current_workspace_id(),
            "contact": contact_id,
            "weights": json.dumps(model.weights),
            "landmark_day": model.landmark.astimezone(ZoneInfo(model.zone)).date(),
            "age": (at - model.landmark).total_seconds() / 86400,
        },
    )
    return [_explain(no, getattr(shown, name, 0.0), rows) for no, name in enumerate(NAMES)]


def _explain(no: int, value: float, rows: list[dict[str, Any]]) -> Explanation:
    mine = [row for row in rows if I_OF_TARGET[row["target"]] == no]
    signed = [(-row["raw"] if row["target"] == COLD else row["raw"], row) for row in mine]
    raw = sum(amount for amount, _row in signed)
    scale = value / raw if abs(raw) > 1e-12 else 0.0
    contributions = [_contribution(amount, scale, row) for amount, row in signed]
    contributions.sort(key=lambda one: -abs(one.raw))
    target = (INVOLVEMENT, INTERACTION, WARM, INFLUENCE)[no]
    return Explanation(NAMES[no], value, raw, contributions, HALF_LIVES[target])


def _contribution(amount: float, scale: float, row: dict[str, Any]) -> Contribution:
    kind = BY_CODE.get(row["kind"])
    return Contribution(
        kind=row["kind"],
        name=str(kind.name) if kind else "",
        events=row["events"],
        last_day=row["last_day"],
        raw=amount,
        points=amount * scale,
        raw_in_30_days=amount * 2 ** (-30 / row["half_life"]),
        half_life_days=row["half_life"],
    )
