"""Scores by forward decay: a moment is one addition, time recomputes nothing, a correction is counted at once.

Per (contact, kind, target, day) a DayWeight keeps n and W; formula.py says what they are worth. A recorded batch adds
the difference of each day it touches, so order of arrival does not matter. Whatever takes something away (a
correction, a merge, a rebuild) changes day weights and adds up these people's sums anew: subtracting from a sum that
grew by 2^(age / half-life) would leave a rest that drowns what is older.
"""

import json
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from contacts.models import Audience
from engagement import formula
from engagement.audiences import NO_ROLE, audience_params, audience_sql, keep_audiences
from engagement.formula import SUMS
from engagement.levels import Level
from engagement.modelling import current_model, make_model
from engagement.models import DayWeight, Score, ScoreModel
from engagement.news import scores_changed
from lib.clock import now
from lib.sql import array_of, load_sql, run_prepared, run_sql
from touchpoints.correcting import Corrected
from touchpoints.recording import Recorded
from touchpoints.rows import rows_sql
from workspaces import agenda
from workspaces.current import current_workspace, current_workspace_id
from workspaces.surveying import survey

LEVELS_WORK = "engagement.levels"
COLUMNS = ("contact_id", "kind", "sentiment_milli", "value_minor", "weight_milli", "certainty")
SUM_NAMES = ", ".join(SUMS)
SLOT_SUMS = ", ".join(f"coalesce(sum(v) FILTER (WHERE sum_no = {no}), 0) AS {name}" for no, name in enumerate(SUMS))


def apply_to_scores(batch: Recorded) -> None:
    """Add a batch's new rows to the scores of their people, and let their levels be looked at, in the recording transaction,
    in one statement.
    """
    survey(DayWeight, Score)
    params, text = _batch_params(batch), _adding(current_workspace().scores_employees)
    rows = run_prepared(text, params)
    if not rows[0][0]:  # there was no model yet, so nothing was counted
        make_model()
        rows = run_prepared(text, params)
    if new := [contact for _models, contact in rows if contact is not None]:
        keep_audiences(new)


@transaction.atomic
def correct_scores(batch: Corrected) -> None:
    """Count corrected facts as they are now, in the correcting transaction.

    Holds these people, the day weights touched, then their scores, in the order in which rebuilds and recorders do.
    """
    params = model_params(current_model()) | batch.columns | {"contacts": batch.contact_ids}
    asked = "= ANY(%(contacts)s::bigint[])"  # held as by a recorder: a rebuild of them is over, or begins after us
    run_sql("engagement/hold_people", params, who=f"p.id {asked}", whose=f"m.survivor_id {asked}")
    days = days_sql(batch_facts(signed=True), employees=current_workspace().scores_employees)
    people = [row[0] for row in run_sql("engagement/add_days", params, days=days)]
    if people:
        _recount(people, params)


def _recount(contacts: list[int], params: dict[str, Any]) -> None:
    """Make the sums of these people what their day weights say."""
    params = params | {"contacts": contacts}
    DayWeight.objects.filter(count__lte=0, contact_id__in=contacts).delete()
    zeros = ", ".join("0" for _name in SUMS)
    audience = audience_sql("d.contact_id")
    run_sql("engagement/ensure_scores", params, sum_names=SUM_NAMES, zeros=zeros, audience=audience)
    # Held in a statement of its own: the next one sees what recorders wrote while we waited for them.
    rows = Score.objects.filter(contact_id__in=contacts).order_by("contact_id").select_for_update()
    held = list(rows.values_list("contact_id", flat=True))
    run_sql(
        "engagement/recount",
        params,
        sums=sums_sql("d.workspace_id = %(workspace)s AND d.contact_id = ANY(%(contacts)s)"),
        recounted=", ".join(f"{name} = coalesce(n.{name}, 0)" for name in SUMS),
    )
    agenda.set_due(LEVELS_WORK)
    if held:
        scores_changed.tell(contact_ids=held)


def sums_sql(which: str, *, days: str = "engagement_dayweight") -> str:
    """SELECT contact_id, the ten sums, heat: from the day weights `d` that fit `which`, of `days` (rows like theirs)."""
    age = "(d.day - %(landmark_day)s::date)::float8"
    return load_sql(
        "engagement/sums",
        slot_sums=SLOT_SUMS,
        u=formula.day_sql("d.weight", "d.count"),
        growth=formula.growth_sql(age, "w.half_life"),
        heat_growth=formula.growth_sql(age, "%(heat_half_life)s::float8"),
        days=days,
        which=which,
    )


def model_params(model: ScoreModel) -> dict[str, Any]:
    """What the statements of this room ask of the model, the workspace and the clock."""
    workspace = current_workspace()
    return formula.formula_params() | {
        "workspace": workspace.pk,
        "weights": json.dumps(model.weights),
        "zone": model.zone,
        "landmark_day": model.landmark.astimezone(ZoneInfo(model.zone)).date(),
        "median": max(1.0, model.median_value_minor / 100),
        "version": model.version,
        "employee": int(Audience.EMPLOYEE),
        "unknown": int(Level.UNKNOWN),
        "now": now(),
        "contacts": None,
        **audience_params(),
    }


def _batch_params(batch: Recorded) -> dict[str, Any]:
    columns = {name: batch.columns[name] for name in ("row_ms", *(f"row_{column}" for column in COLUMNS))}
    params = (
        formula.formula_params()
        | columns
        | {
            "workspace": current_workspace_id(),
            "unprofiled": array_of(batch.unprofiled),
            "no_role": int(NO_ROLE),
            "unknown": int(Level.UNKNOWN),
            "at": now(),
            "work": LEVELS_WORK,
        }
    )
    return params if current_workspace().scores_employees else params | {"employee": int(Audience.EMPLOYEE)}


@cache
def _adding(employees: bool) -> str:
    """The statement of a recorded batch. It reads the model itself: nothing of it is sent, and none is out of date."""
    return load_sql(
        "engagement/score",
        due=agenda.due_sql(),
        days=days_sql(
            batch_facts(),
            employees=employees,
            model=load_sql("engagement/model") + ", ",
            weights="model m CROSS JOIN LATERAL jsonb_to_recordset(m.weights)",
            zone="(SELECT zone FROM model)",
            median="(SELECT median FROM model)",
            barred="barred_of_batch",
        ),
        u_after=formula.day_sql("s.weight", "s.count"),
        u_before=formula.day_sql("s.weight - s.added_weight", "s.count - s.added_count"),
        growth=formula.growth_sql("age", "half_life"),
        heat_growth=formula.growth_sql("age", "%(heat_half_life)s::float8"),
        slot_sums=SLOT_SUMS,
        sum_names=SUM_NAMES,
        added=", ".join(f"{name} = engagement_score.{name} + excluded.{name}" for name in SUMS),
    )


def batch_facts(*, signed: bool = False) -> str:
    """For FROM: the rows of a batch, each with the person it counts for."""
    return load_sql("engagement/batch_facts", rows=rows_sql(*COLUMNS, signed=signed))


def days_sql(
    facts: str,
    *,
    employees: bool,
    who: str = "",
    model: str = "",
    weights: str = "jsonb_to_recordset(%(weights)s::jsonb)",
    zone: str = "%(zone)s",
    median: str = "%(median)s",
    barred: str = "",
) -> str:
    """The CTEs that turn facts into day weights, of `employees` too or not, to begin a statement with.

    `who`: a condition on p.id that holds for everybody these facts are about, where they are many. The rest says where
    the model is found (by default among the parameters), and which statement knows who may not be scored.
    """
    holes = {"who": who} if who else {}
    holes["employed"] = "false" if employees else load_sql("engagement/employed")
    return load_sql(
        "engagement/days",
        facts=facts,
        factor=formula.factor_sql(median),
        barred=load_sql(f"engagement/{barred or ('barred_of_range' if who else 'barred_of_days')}", **holes),
        model=model,
        weights=weights,
        zone=zone,
    )
