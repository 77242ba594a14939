"""The relationship level: its names, its thresholds, its grace on the way down.

A level rises at its threshold and is lost 5 points below it, so that nobody flickers. Colours are the classes level-1 … level-6
of static/css/marks.css.
"""

import numpy as np
from django.db import models
from django.utils.translation import pgettext_lazy
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Levels = NDArray[np.int64]


class Level(models.IntegerChoices):
    """How close a relationship is, by the overall score; unknown until there is a history to tell by."""

    UNKNOWN = 0, pgettext_lazy("relationship level", "Unknown")
    DORMANT = 1, pgettext_lazy("relationship level", "Dormant")
    AWARE = 2, pgettext_lazy("relationship level", "Aware")
    WARM = 3, pgettext_lazy("relationship level", "Warm")
    ENGAGED = 4, pgettext_lazy("relationship level", "Engaged")
    LOYAL = 5, pgettext_lazy("relationship level", "Loyal")
    CHAMPION = 6, pgettext_lazy("relationship level", "Champion")


KNOWN = [level for level in Level if level != Level.UNKNOWN]
GOOD = Level.LOYAL  # from here on a relationship is good: to be cared for when it is about to be lost
THRESHOLDS = {
    Level.DORMANT: 0.0,
    Level.AWARE: 5.0,
    Level.WARM: 20.0,
    Level.ENGAGED: 40.0,
    Level.LOYAL: 60.0,
    Level.CHAMPION: 80.0,
}
GRACE = 5.0  # points of hysteresis on the way down; for low thresholds half of them, or "aware" could not be lost
YOUNG_DAYS = 30  # of history before anybody has a level
# A champion whose voice reaches: more than a level, so it is shown and never stored.
ADVOCATE, ADVOCATE_INFLUENCE = "advocate", 40.0
ADVOCATE_LABEL = pgettext_lazy("relationship level", "Advocate")

_RISES = np.array([THRESHOLDS[level] for level in KNOWN[1:]])  # aware … champion
_NEVER = 1e9


def plain_levels(overall: Floats) -> Levels:
    """Levels 1-6 by the thresholds alone."""
    return np.searchsorted(_RISES, overall, side="right") + 1


def next_levels(levels: Levels, overall: Floats) -> Levels:
    """The level to announce for each announced one: up at the threshold, down only past the grace."""
    plain = plain_levels(overall)
    graced = (plain < levels) & (overall >= floors(levels))
    return np.where(graced, levels, plain)


def floors(levels: Levels) -> Floats:
    """Below which overall score each announced level is lost; unknown and dormant never are."""
    return np.concatenate([[-1.0, -1.0], _RISES - np.minimum(GRACE, _RISES / 2)])[levels]


def ceilings(levels: Levels) -> Floats:
    """From which overall score on each announced level rises; champions have nowhere to rise to."""
    return np.concatenate([[_NEVER], _RISES, [_NEVER]])[levels]


def key_of(level: int, influence: float = 0.0) -> str:
    """The level's small name, "advocate" for a champion whose influence is 40 or more."""
    if level == Level.CHAMPION and influence >= ADVOCATE_INFLUENCE:
        return ADVOCATE
    return Level(level).name.lower()
