"""How each audience stands, day by day: the rows behind every trend."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from contacts.models import Audience
from engagement.four import NAMES
from engagement.levels import KNOWN, plain_levels
from engagement.modelling import current_model, measured_scales
from engagement.models import AudienceSnapshot, ScoreModel
from engagement.reading import Rows, figures, read_rows
from engagement.scoring import model_params, sums_sql
from lib.clock import next_time_of_day, now
from lib.sql import run_sql
from touchpoints.correcting import Corrected
from workspaces import agenda
from workspaces.current import current_workspace, current_workspace_id

EVERYBODY = 0
NIGHTLY, MENDING = "engagement.audience_snapshots", "engagement.mend_snapshots"
MENDED_SPAN = timedelta(days=84)  # what home shows; older days stay as they were known
MENDED_AT_ONCE = 7


def write_audience_snapshot(day: date) -> list[AudienceSnapshot]:
    """Write how everybody, and each audience, stood at the start of `day`. Repeating it replaces the rows."""
    model = current_model()
    rows = rows_at(day, model)
    shown = figures(rows, model, start_of(day, model))
    standings = []
    for role in (EVERYBODY, *Audience):
        mine = np.ones(len(rows.roles), bool) if role == EVERYBODY else rows.roles == role
        active = mine & (shown.overall >= 0.5)
        people, four = int(active.sum()), shown.four[active]
        means = four.mean(axis=0) if people else np.zeros(len(NAMES))
        levels = np.bincount(plain_levels(shown.overall[mine]), minlength=1 + len(KNOWN))[1:]
        standings.append(
            AudienceSnapshot(
                day=day,
                role=int(role),
                people=people,
                levels=levels.tolist(),
                **dict(zip(NAMES, means, strict=True)),
            )
        )
    return AudienceSnapshot.objects.bulk_create(
        standings,
        update_conflicts=True,
        unique_fields=["workspace", "day", "role"],
        update_fields=["people", *NAMES, "levels", "is_stale"],
    )


def on_corrected(batch: Corrected) -> None:
    """News: facts count otherwise than they did. Snapshots of the days after the oldest of them are mended at once."""
    first = batch.first_moment.astimezone(ZoneInfo(current_workspace().zone)).date()
    if _mark_stale(first):
        agenda.set_due(MENDING)


def on_contacts_linked(pairs: Sequence[tuple[int, int]]) -> None:
    """News: two contacts are one person, or two again. Visitors are recognised all day, so the night mends it."""
    if _mark_stale(now().date() - MENDED_SPAN):
        agenda.set_due(MENDING, next_night())


def _mark_stale(day: date) -> int:
    """The snapshots after `day` are to be counted anew; those of long ago stay as they were known. Returns how many."""
    since = max(day, now().date() - MENDED_SPAN)
    return AudienceSnapshot.objects.filter(day__gt=since, is_stale=False).update(is_stale=True)


def mend_audience_snapshots() -> datetime | None:
    """Count stale snapshots anew, the newest days first, seven at a time. Returns when to come back, if any is left."""
    stale = AudienceSnapshot.objects.filter(is_stale=True).order_by("-day").values_list("day", flat=True).distinct()
    days = list(stale[: MENDED_AT_ONCE + 1])
    for day in days[:MENDED_AT_ONCE]:
        write_audience_snapshot(day)
    return now() if len(days) > MENDED_AT_ONCE else None


def next_night() -> datetime:
    """The next 3:15 in the workspace's zone."""
    return next_time_of_day(current_workspace().zone, 3, 15)


def fill_audience_snapshots(days: int = 84) -> int:
    """Write the standings of the last weeks that are missing, one a week, and yesterday's. Returns how many days."""
    today = now().astimezone(ZoneInfo(current_workspace().zone)).date()
    wanted = {today - timedelta(days=back) for back in range(0, days + 1, 7)}
    missing = wanted - set(
        AudienceSnapshot.objects.filter(day__in=wanted, role=EVERYBODY).values_list("day", flat=True)
    )
    for day in sorted(missing | {today}):
        write_audience_snapshot(day)
    return len(missing)


def keep_the_week() -> None:
    """Remember how everybody stood a week ago, as the base of "rising" and "falling"."""
    model, today = current_model(), now().date()
    rows = rows_at(today - timedelta(days=7), model)
    if not len(rows.contact_ids):
        return
    overall = figures(rows, model, start_of(today - timedelta(days=7), model)).overall
    run_sql(
        "engagement/keep_week",
        {
            "workspace": current_workspace_id(),
            "ids": list(rows.contact_ids),
            "overall": overall.tolist(),
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
    return read_rows(
        "engagement/scores_at",
        model_params(model) | {"day": day},
        sums=sums_sql("d.workspace_id = %(workspace)s AND d.day < %(day)s::date"),
    )


def start_of(day: date, model: ScoreModel) -> datetime:
    """Midnight of a day in the model's zone."""
    return datetime.combine(day, time.min, ZoneInfo(model.zone))
