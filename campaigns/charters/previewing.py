"""A charter before it is kept: as a reader would see it, the start as it would be measured now, what a holdout could show."""

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

from campaigns.comparing import Z
from campaigns.models import Programme
from campaigns.objectives import Metric, measure, rule_of
from contacts.models import Audience
from lib.clock import now
from segments.leaf_types.base import RuleError
from segments.rules.statements import TooSlowError

SECONDS, DAYS = 3, 28
POWER = 0.8416  # the normal quantile of 80 %: so often a difference of this size is seen
FEW = 5_000


@dataclass(frozen=True, slots=True)
class Preview:
    """`people` and `start` are None where they were not measured; `shows`: the smallest difference, in points."""

    name: str
    gives: str
    asks: str
    metric: str
    people: int | None
    start: float | None
    target: float | None
    check_on: date | None
    holdout: int
    shows: float | None

    @property
    def is_doubtful(self) -> bool:
        """Whether a holdout of so few people proves little."""
        return bool(self.holdout and self.people is not None and self.people < FEW)


def preview_of(said: dict[str, Any], *, measures: bool = True) -> Preview:
    """What stands in the form, as far as it can be read. Measuring is one statement of three seconds at most."""
    metric = said.get("metric") or ""
    people, start = _start(said, metric or Metric.PURCHASES) if measures else (None, None)
    holdout = said.get("holdout_percent") or 0
    shown = start if metric in {"", Metric.PURCHASES} else None
    return Preview(
        name=said.get("name") or "",
        gives=said.get("gives") or "",
        asks=said.get("asks") or "",
        metric=metric,
        people=people,
        start=start if metric else None,
        target=said.get("target"),
        check_on=said.get("check_on"),
        holdout=holdout,
        shows=detectable(shown, people, holdout) if shown is not None and people else None,
    )


def _start(said: dict[str, Any], metric: str) -> tuple[int | None, float | None]:
    topic = said.get("topic")
    programme = Programme(audience=said.get("audience") or Audience.CUSTOMER, topic=topic or None)
    try:
        value, people = measure(metric, rule_of(programme), days=DAYS, until=now(), seconds=SECONDS)
    except (RuleError, TooSlowError):
        return None, None
    return people, value


def detectable(percent: float, people: int, holdout: int) -> float | None:
    """The difference of two shares, in points, that is seen four times in five; None where a group would be empty."""
    held = people * holdout / 100
    if not 1 <= held < people:
        return None
    share = min(max(percent / 100, 0.01), 0.99)
    return 100 * (Z + POWER) * math.sqrt(share * (1 - share) * (1 / held + 1 / (people - held)))
