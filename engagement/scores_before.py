"""Everybody's scores as the facts before a moment make them, by today's model: for whoever wants to check our figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from contacts.models import Identity
from engagement.audiences import audience_sql
from engagement.formula import HEAT_HALF_LIFE, SUMS, days_since, decay
from engagement.levels import Level, plain_levels
from engagement.modelling import current_model
from engagement.reading import Rows, figures
from engagement.rebuilding import RANGE_SECONDS, Whom, facts_sql, ranges
from engagement.scoring import days_sql, model_params, sums_sql
from lib.sql import load_sql, run_text
from segments.rules.statements import bounded
from workspaces.current import current_workspace, working_in
from workspaces.models import Workspace

COLUMNS = ("external_id", "involvement", "interaction", "intimacy", "influence", "overall", "level", "heat")


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One person with a fact: shown scores, the level by the thresholds alone, heat; all at the moment asked for."""

    external_id: str
    involvement: float
    interaction: float
    intimacy: float
    influence: float
    overall: float
    level: str
    heat: float


def scores_before(workspace: Workspace, at: datetime) -> Iterator[ScoreLine]:
    """Lines of everybody with a fact before `at`, by contact id; reads ranges of contacts, each in its own transaction.

    Corrections known today count, and so do today's links, roles and model. Who may not be scored has zeros. Changes
    nothing.
    """
    with working_in(workspace):
        todo = ranges()
    for whom in todo:
        with working_in(workspace):
            lines = _lines(whom, at)
        yield from lines


def _lines(whom: Whom, at: datetime) -> list[ScoreLine]:
    model, facts = current_model(), facts_sql(whom)
    params = model_params(model) | whom.params | {"before": at, "number": int(Identity.Kind.EXTERNAL_ID)}
    text = load_sql(
        "engagement/scores_before",
        days=days_sql(facts, employees=current_workspace().scores_employees, who=whom("p.id")),
        facts=facts,
        sums=sums_sql("true", days="counted"),
        sum_names=", ".join(f"coalesce(n.{name}, 0)" for name in SUMS),
        audience=audience_sql("s.contact_id"),
    )
    with bounded(RANGE_SECONDS):
        found = run_text(text, params)
    if not found:
        return []
    rows = Rows(
        contact_ids=[row[0] for row in found],
        roles=np.array([row[1] for row in found], dtype=np.int64),
        levels=np.zeros(len(found), dtype=np.int64),
        week_overall=np.full(len(found), np.nan),
        sums=np.array([row[3:-1] for row in found], dtype=np.float64).reshape(-1, len(SUMS)),
    )
    shown = figures(rows, model, at)
    left = float(decay(days_since(at, model), HEAT_HALF_LIFE))
    lines = []
    for row, four, overall, level in zip(found, shown.four, shown.overall, plain_levels(shown.overall), strict=True):
        one, two, three, voice = map(float, four)
        heat = float(str(row[-1])) * left
        lines.append(
            ScoreLine(row[2] or "", one, two, three, voice, float(overall), Level(int(level)).name.lower(), heat)
        )
    return lines
