"""The score formula once more, naively: plain loops over moments. Written apart on purpose; never in production."""

import math
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from touchpoints.rows import Row

NAMES = ("involvement", "interaction", "intimacy", "influence")
FEEDS = {0: ("involvement", 1), 1: ("interaction", 1), 2: ("intimacy", 1), 3: ("intimacy", -1), 4: ("influence", 1)}
PROSPECT = "2"


def shown(rows: Iterable[Row], model: Any, at: datetime, role: str = PROSPECT) -> dict[str, float]:
    """The four shown scores and the overall one, of one person's moments."""
    rows = list(rows)
    landmark = model.landmark.astimezone(ZoneInfo(model.zone)).date()
    now = (at - model.landmark).total_seconds() / 86400
    raw = dict.fromkeys(NAMES, 0.0)
    for weight in model.weights:
        name, sign = FEEDS[weight["target"]]
        for day, factors in days_of(rows, weight, model).items():
            u = sum(factors) / len(factors) * min(3.0, math.log2(1 + len(factors)))
            raw[name] += sign * weight["weight"] * u * 0.5 ** ((now - (day - landmark).days) / weight["half_life"])
    four = {}
    for name, value in raw.items():
        grown = 100 * (1 - math.exp(-abs(value) / model.scales[role][name]))
        four[name] = grown if value >= 0 else -grown
    mixed = sum(max(0.0, four[name]) * share for name, share in zip(NAMES, model.mixes[role], strict=True))
    return {**four, "overall": mixed}


def days_of(rows: Iterable[Row], weight: dict[str, Any], model: Any) -> dict[date, list[float]]:
    """The factors of each day's moments under one weight."""
    days = defaultdict(list)
    for row in rows:
        if row.kind == weight["kind"] and row.certainty == 0 and row.weight_milli > 0:
            factor = factor_of(row, weight["mode"], model)
            if factor > 0:
                days[row.occurred_at.astimezone(ZoneInfo(model.zone)).date()].append(factor)
    return days


def factor_of(row: Row, mode: int, model: Any) -> float:
    median = max(1.0, model.median_value_minor / 100)
    value = max(0, row.value_minor or 0) / 100
    feeling = (row.sentiment_milli or 0) / 1000
    by_mode = {
        1: min(4.0, 1 + math.log(1 + value) / math.log(1 + median)),
        2: max(0.0, feeling),
        3: max(0.0, -feeling),
        4: row.weight_milli / 1000,
    }
    return by_mode.get(mode, 1.0)
