"""How one person's four I's stood week by week: the line beside each bar. From the day weights, as any score is."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np

from engagement.formula import HALF_LIVES, SUMS, day_points, days_since
from engagement.four import NAMES
from engagement.modelling import current_model
from engagement.models import DayWeight
from engagement.reading import Rows, figures_after, rows_now
from lib.clock import now

WEEKS = 8


def four_by_week(contact_id: int) -> dict[str, list[float]]:
    """Name of each I → its shown values of the last weeks, oldest first, the last one now. Empty without a score.

    By the model and the audience of today, so that the line shows what the person did, not what we changed.
    """
    standing, model, moment = rows_now([contact_id]), current_model(), now()
    if not len(standing.contact_ids):
        return {}
    weights = {(row["kind"], row["target"]): row for row in model.weights}
    landmark = model.landmark.astimezone(zone := ZoneInfo(model.zone)).date()
    moments = [moment - timedelta(weeks=back) for back in range(WEEKS, -1, -1)]
    sums = np.zeros((len(moments), len(SUMS)))
    for cell in DayWeight.objects.filter(contact_id=contact_id, count__gt=0):
        weight = weights.get((cell.kind, cell.target))
        if weight is None:
            continue
        place = cell.target * 2 + (weight["half_life"] != HALF_LIVES[cell.target][0])
        grown = 2.0 ** ((cell.day - landmark).days / weight["half_life"])
        was_there = np.array([cell.day <= one.astimezone(zone).date() for one in moments])
        sums[was_there, place] += weight["weight"] * day_points(cell.weight, cell.count) * grown
    many = len(moments)
    rows = Rows(
        contact_ids=[contact_id] * many,
        roles=np.repeat(standing.roles, many),
        sums=sums,
        levels=np.zeros(many, dtype=np.int64),
        week_overall=np.full(many, np.nan),
    )
    days = np.array([days_since(one, model) for one in moments]).reshape(-1, 1)
    four = figures_after(rows, model, days).four
    return {name: [float(value) for value in four[:, number]] for number, name in enumerate(NAMES)}
