"""Scores by forward decay (Cormode et al., ICDE 2009): an event is one addition; time recomputes nothing.

Per (contact, kind, target, day): n events with factors w, W = Σw; u = weight · (W/n) · min(3, log2(1+n)), dated at
the start of that day in the model's zone. Kept: v = Σ u · 2^((day − landmark)/half-life), in days. An event replaces
that day's u by the new one, so order of arrival does not matter.
"""

import json
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from ecrm.lib.sql import read_sql
from engagement.defaults import HEAT_HALF_LIFE, SUMS
from engagement.modelling import current_model
from engagement.models import DayWeight, Score, ScoreModel
from workspaces import agenda
from workspaces.current import current_workspace, current_workspace_id

SLOT_SUMS = ", ".join(f"coalesce(sum(v) FILTER (WHERE sum_no = {no}), 0) AS {name}" for no, name in enumerate(SUMS))
_ADD = ", ".join(f"{name} = engagement_score.{name} + excluded.{name}" for name in SUMS)
_SET = ", ".join(f"{name} = excluded.{name}" for name in SUMS)


def apply_to_scores(**_: Any) -> None:
    """Add a batch's fresh rows to the scores of their people, in the recording transaction, in one statement."""
    model = current_model()
    with connection.cursor() as cursor:
        cursor.execute(_statement("touchpoints_fresh", "add"), _params(model))
    agenda.set_due("engagement.levels")


@transaction.atomic
def rebuild_scores(contact_ids: list[int] | None = None) -> int:
    """Compute scores anew from the ledger, of these people (and who is linked to them) or of everybody.

    Incremental and rebuilt scores agree to 1e-9. Holds the day weights and scores of these people. Returns how many
    contacts have a score now.
    """
    params = _params(current_model()) | {"contacts": contact_ids}
    days = DayWeight.objects.all()
    (days if contact_ids is None else days.filter(contact_id__in=contact_ids)).delete()
    with connection.cursor() as cursor:
        cursor.execute(read_sql("engagement/reset_scores"), params)
        cursor.execute(_statement("facts", "set"), params)
    agenda.set_due("engagement.levels")
    return Score.objects.count()


def rebuild_pair(loser_id: int, survivor_id: int, **_: Any) -> None:
    """Two contacts were linked or parted: both are counted again."""
    rebuild_scores([loser_id, survivor_id])


def _params(model: ScoreModel) -> dict[str, Any]:
    workspace = current_workspace()
    return {
        "workspace": current_workspace_id(),
        "weights": json.dumps(model.weights),
        "zone": model.zone,
        "landmark_day": model.landmark.astimezone(ZoneInfo(model.zone)).date(),
        "median": max(1.0, model.median_value_minor / 100),
        "heat_half_life": HEAT_HALF_LIFE,
        "version": model.version,
        "score_employees": workspace.scores_employees,
        "contacts": None,
    }


def _statement(source: str, mode: str) -> str:
    """score.sql for the fresh rows of a batch ("add") or the whole ledger ("set")."""
    facts = "touchpoints_fresh" if source == "touchpoints_fresh" else f"({read_sql('engagement/all_facts')})"
    return (
        read_sql("engagement/score")
        .replace("{facts}", facts)
        .replace("{slot_sums}", SLOT_SUMS)
        .replace("{sum_names}", ", ".join(SUMS))
        .replace("{on_conflict}", _ADD if mode == "add" else _SET)
        .replace("{heat_conflict}", "engagement_heat.heat + excluded.heat" if mode == "add" else "excluded.heat")
    )
