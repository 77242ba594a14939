"""How one person's four I's stood week by week: the line beside each bar. From the day weights, as any score is."""

from datetime import timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import numpy as np

from engagement.formula import HALF_LIVES, SUMS, day_points, days_since
from engagement.four import NAMES
from engagement.modelling import current_model
from engagement.reading import Rows, day_weights, figures_after, rows_now
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
    ends = [(one.astimezone(zone).date() - landmark).days for one in moments]
    for (kind, target), same in groupby(day_weights(contact_id), key=lambda cell: (cell[0], cell[1])):
        weight = weights.get((kind, target))
        if weight is None:
            continue
        _kinds, _targets, on, counts, totals = zip(*same, strict=True)
        days = np.array([(day - landmark).days for day in on])
        grown = weight["weight"] * day_points(np.array(totals), np.array(counts)) * 2.0 ** (days / weight["half_life"])
        place = target * 2 + (weight["half_life"] != HALF_LIVES[target][0])
        for number, end in enumerate(ends):
            sums[number, place] += grown[days <= end].sum()
    many = len(moments)
    rows = Rows(
        contact_ids=[contact_id] * many,
        roles=np.repeat(standing.roles, many),
        sums=sums,
        levels=np.zeros(many, dtype=np.int64),
        week_overall=np.full(many, np.nan),
    )
    ages = np.array([days_since(one, model) for one in moments]).reshape(-1, 1)
    four = figures_after(rows, model, ages).four
    return {name: [float(value) for value in four[:, number]] for number, name in enumerate(NAMES)}
