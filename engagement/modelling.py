"""The score model in force, its first version, and how its scales are measured."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Max

from contacts.models import Audience
from engagement.defaults import shipped_mixes, shipped_scales, shipped_weights
from engagement.formula import scale_showing_fifty
from engagement.four import NAMES
from engagement.models import ScoreModel
from lib.clock import now
from lib.once import once_a_page
from workspaces.current import current_workspace

LANDMARK_YEARS_BACK = 2
FEW = 200


@once_a_page
def current_model() -> ScoreModel:
    """The model in force in the open workspace; the shipped one, version 1, on first use."""
    model = ScoreModel.objects.filter(is_current=True).first()
    return model or make_model()


def make_model(*, preset: str = "shop", median_value_minor: int = 3000) -> ScoreModel:
    """A new version with the shipped table, in force at once; scores must be rebuilt when one stood before."""
    workspace = current_workspace()
    ScoreModel.objects.filter(is_current=True).update(is_current=False)
    last = ScoreModel.objects.aggregate(last=Max("version"))["last"] or 0
    zone = ZoneInfo(workspace.zone)
    landmark = datetime.combine(now().date().replace(year=now().year - LANDMARK_YEARS_BACK, day=1), time.min, zone)
    return ScoreModel.objects.create(
        version=last + 1,
        weights=shipped_weights(),
        scales=shipped_scales(preset),
        mixes=shipped_mixes(),
        median_value_minor=median_value_minor,
        zone=workspace.zone,
        landmark=landmark,
    )


def measured_scales(
    raw: dict[int, list[tuple[float, float, float, float]]], fallback: dict[str, dict[str, float]]
) -> dict[str, dict[str, float]]:
    """K by audience so that the third quartile of its active people shows 50; audiences under 200 keep `fallback`.

    `raw`: audience → (involvement, interaction, |intimacy|, influence) of each active person, as decayed sums now.
    """
    scales = {}
    for role in Audience:
        rows = np.array(raw.get(int(role), []), dtype=float).reshape(-1, len(NAMES))
        scales[str(int(role))] = dict(fallback[str(int(role))])
        if len(rows) < FEW:
            continue
        for column, name in enumerate(NAMES):
            active = rows[:, column][rows[:, column] > 1e-6]
            if len(active) >= FEW // 4:
                scales[str(int(role))][name] = scale_showing_fifty(float(np.quantile(active, 0.75)))
    return scales
