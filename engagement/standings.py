"""How each audience stands, day by day: the rows behind every trend."""

import json
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from contacts.models import Audience
from ecrm.lib.clock import now
from ecrm.lib.sql import read_sql, run_text
from engagement.defaults import SUMS
from engagement.modelling import current_model, measured_scales
from engagement.models import ScoreModel, Standing
from engagement.reading import Rows, figures, plain_levels
from engagement.scoring import SLOT_SUMS
from workspaces.current import current_workspace, current_workspace_id

EVERYBODY = 0
KEEP_WEEK = """
-- Last week's overall score beside this week's sums: risers and fallers need no history.
UPDATE engagement_score s SET week_overall = n.overall, week_at = %(at)s
FROM unnest(%(ids)s::bigint[], %(overall)s::float8[]) AS n (contact, overall)
WHERE s.workspace_id = %(workspace)s AND s.contact_id = n.contact
"""


def write_standing(day: date) -> list[Standing]:
    """Write how everybody, and each audience, stood at the start of `day`. Repeating it replaces the rows."""
    model = current_model()
    rows = rows_at(day, model)
    shown = figures(rows, model, start_of(day, model))
    standings = []
    for role in (EVERYBODY, *Audience):
        mine = np.ones(len(rows.roles), bool) if role == EVERYBODY else rows.roles == role
        active = mine & (shown.overall >= 0.5)
        people, four = int(active.sum()), shown.four[active]
        means = four.mean(axis=0) if people else np.zeros(4)
        levels = np.bincount(plain_levels(shown.overall[mine]), minlength=7)[1:7]
        standings.append(
            Standing(
                day=day,
                role=int(role),
                people=people,
                involvement=means[0],
                interaction=means[1],
                intimacy=means[2],
                influence=means[3],
                levels=levels.tolist(),
            )
        )
    return Standing.objects.bulk_create(
        standings,
        update_conflicts=True,
        unique_fields=["workspace", "day", "role"],
        update_fields=["people", "involvement", "interaction", "intimacy", "influence", "levels"],
    )


def fill_standings(days: int = 84) -> int:
    """Write the standings of the last weeks that are missing, one a week, and yesterday's. Returns how many days."""
    today = now().astimezone(ZoneInfo(current_workspace().zone)).date()
    wanted = {today - timedelta(days=back) for back in range(0, days + 1, 7)}
    missing = wanted - set(Standing.objects.filter(day__in=wanted, role=EVERYBODY).values_list("day", flat=True))
    for day in sorted(missing | {today}):
        write_standing(day)
    return len(missing)


def keep_the_week() -> None:
    """Remember how everybody stood a week ago, as the base of "rising" and "falling"."""
    model, today = current_model(), now().date()
    rows = rows_at(today - timedelta(days=7), model)
    if not len(rows.contact_ids):
        return
    overall = figures(rows, model, start_of(today - timedelta(days=7), model)).overall
    run_text(
        KEEP_WEEK,
        {
            "workspace": current_workspace_id(),
            "ids": list(rows.contact_ids),
            "overall": overall.tolist(),
            "at": now(),
        },
    )


def measure_scales() -> ScoreModel:
    """Set K of the current model from the people of today, where an audience has 200 of them."""
    model, today = current_model(), now().date()
    rows = rows_at(today, model)
    raw = figures(rows, model, start_of(today, model)).raw
    by_role = {role: [tuple(abs(v) for v in row) for row in raw[rows.roles == role]] for role in map(int, Audience)}
    model.scales = measured_scales(by_role, model.scales)  # type: ignore[arg-type]
    model.save(update_fields=["scales"])
    return model


def rows_at(day: date, model: ScoreModel) -> Rows:
    """Everybody's ten sums from what happened before `day`."""
    found = run_text(
        read_sql("engagement/sums_at").replace("{slot_sums}", SLOT_SUMS),
        {
            "workspace": current_workspace_id(),
            "weights": json.dumps(model.weights),
            "landmark_day": model.landmark.astimezone(ZoneInfo(model.zone)).date(),
            "day": day,
        },
    )
    return Rows(
        contact_ids=[row[0] for row in found],
        roles=np.array([row[1] for row in found], dtype=np.int64),
        levels=np.zeros(len(found), dtype=np.int64),
        week_overall=np.full(len(found), np.nan),
        sums=np.array([row[4:] for row in found], dtype=np.float64).reshape(-1, len(SUMS)),
    )


def start_of(day: date, model: ScoreModel) -> datetime:
    """Midnight of a day in the model's zone."""
    return datetime.combine(day, time.min, ZoneInfo(model.zone))
