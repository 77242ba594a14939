"""The score formula: as SQL fragments, for numpy, and in words. Every other module takes it from here.

Forward decay after Cormode et al. (ICDE 2009); weights, half-lives and saturation measured on real purchases. Per
(contact, kind, target, day in the model's zone): n moments with factors f, W = Σf.

    u        = (W / n) · min(3, log2(1 + n))          one day of one kind: many moments of a day are no more love
    sum      = Σ weight · u · 2^((day − landmark) / H)   ten sums: five targets, each with a short and a long half-life
    raw      = sum · 2^(−(now − landmark) / H), both halves added; intimacy is warm less cold
    shown    = ±100 · (1 − exp(−|raw| / K))
    overall  = Σ mix · max(0, shown), K and mix by audience

An oracle written apart stands in tests/engagement/oracle.py.
"""

from collections.abc import Callable
from datetime import datetime
from enum import IntEnum
from math import log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engagement.four import BY_NAME, FOUR, NAMES, Target
from touchpoints.models import Touchpoint

type Floats = NDArray[np.float64]
type Param = Callable[[Any], str]


class Mode(IntEnum):
    """How one moment's own factor is found."""

    CONSTANT = 0
    BY_VALUE = 1  # a purchase by its value against the model's median
    BY_WARMTH = 2  # the positive part of what they said
    BY_COLDNESS = 3  # the negative part
    BY_REACH = 4  # a voice by how many hear it


MOST_TIMES = 3  # a day of a kind counts up to three moments
MOST_VALUE = 4  # a purchase counts up to four times its weight
HALF_LIVES: dict[int, tuple[float, float]] = {  # days, short and long
    Target.INVOLVEMENT: (14.0, 90.0),
    Target.INTERACTION: (7.0, 60.0),
    Target.WARM: (30.0, 180.0),
    Target.COLD: (30.0, 180.0),
    Target.INFLUENCE: (30.0, 180.0),
}
HEAT_HALF_LIFE = 30.0
# The ten sums, in the order of their numbers: target * 2 + (0 short | 1 long). They are columns of Score.
SUMS = tuple(f"{target.name.lower()}_{length}" for target in Target for length in ("short", "long"))
HALF_LIFE_OF_SUM = np.array([days for target in Target for days in HALF_LIVES[target]])

LN2 = 0.6931471805599453
_MOST_EXPONENT = 1000  # PostgreSQL raises on overflow
_MOST_RAW = 700  # exp(−700) is the last one that is not 0

FORMULAS = {
    "day": f"u = (W / n) · min({MOST_TIMES}, log2(1 + n))",
    "raw": "raw = Σ weight · u · 2^(−days / half-life)",
    "shown": "100 · (1 − exp(−raw / K))",
    "signed": "±100 · (1 − exp(−|warm − cold| / K))",
    "scale": "K = Q₃(raw) / ln 2",
    "value": f"min({MOST_VALUE}, 1 + ln(1 + value) / ln(1 + median value))",
    "reach": "log10(10 + followers)",
    "overall": "Σ mix · max(0, score)",
    "heat": f"Σ weight · u · 2^(−days / {HEAT_HALF_LIFE:g})",
}


# --- SQL -------------------------------------------------------------------------------------------------------------


def factor_sql(median: str) -> str:
    """One moment's factor, of a fact `f` under a weight `w`; `median`: the median value."""
    return f"""CASE w.mode
      WHEN %(by_value)s THEN least({MOST_VALUE}, 1 + ln(1 + greatest(0, coalesce(f.value_minor, 0)) / 100.0::float8)
                           / ln(1 + {median}::float8))
      WHEN %(by_warmth)s THEN greatest(0, coalesce(f.sentiment_milli, 0)) / 1000.0::float8
      WHEN %(by_coldness)s THEN greatest(0, -coalesce(f.sentiment_milli, 0)) / 1000.0::float8
      WHEN %(by_reach)s THEN f.weight_milli / 1000.0::float8
      ELSE 1 END"""


def day_sql(total: str, count: str) -> str:
    """U of a day: `total` the factors' sum, `count` how many moments (at least one)."""
    return f"({total}) / ({count}) * least({MOST_TIMES}, ln((1 + ({count}))::float8) / {LN2})"


def growth_sql(days: str, half_life: str) -> str:
    """2^(days / half-life), for days since the landmark."""
    return f"power(2::float8, greatest(-{_MOST_EXPONENT}, least({_MOST_EXPONENT}, ({days}) / ({half_life}))))"


def formula_params() -> dict[str, Any]:
    """The numbers of the enums that the fragments speak of."""
    return {
        "by_value": int(Mode.BY_VALUE),
        "by_warmth": int(Mode.BY_WARMTH),
        "by_coldness": int(Mode.BY_COLDNESS),
        "by_reach": int(Mode.BY_REACH),
        "human": int(Touchpoint.Certainty.HUMAN),
        "heat_half_life": HEAT_HALF_LIFE,
    }


def shown_sql(name: str, model: Any, at: datetime, param: Param) -> str:
    """A shown score as SQL over `s` (engagement_score), by the scale of its audience.

    `name`: one of the four or "overall"; `model`: a ScoreModel; `param` turns a value into a placeholder.
    """
    if name == "overall":
        parts = [
            f"greatest(0, {shown_sql(one, model, at, param)})"
            f" * {_by_role_sql({role: mix[no] for role, mix in model.mixes.items()}, param)}"
            for no, one in enumerate(NAMES)
        ]
        return f"({' + '.join(parts)})"
    days = days_since(at, model)
    raw = " - ".join(_target_sql(target, days, param) for target in BY_NAME[name].targets)
    scale = _by_role_sql({role: scales[name] for role, scales in model.scales.items()}, param)
    return f"(sign({raw}) * 100 * (1 - exp(-least({_MOST_RAW}, abs({raw}) / {scale}))))"


def _target_sql(target: int, days: float, param: Param) -> str:
    terms = [
        f"s.{SUMS[target * 2 + which]} * {param(float(decay(days, half_life)))}::float8"
        for which, half_life in enumerate(HALF_LIVES[target])
    ]
    return f"({' + '.join(terms)})"


def _by_role_sql(table: dict[str, float], param: Param) -> str:
    whens = " ".join(f"WHEN {param(int(role))} THEN {param(float(value))}::float8" for role, value in table.items())
    return f"(CASE s.audience {whens} END)"


# --- numpy -----------------------------------------------------------------------------------------------------------


def day_points(total: Any, count: Any) -> Any:
    """U of days: `total` the factors' sums, `count` how many moments."""
    return total / count * np.minimum(MOST_TIMES, np.log2(1 + count))


def decay(days: Any, half_life: Any) -> Any:
    """What is left of a point after so many days."""
    return np.exp2(-np.clip(np.asarray(days) / half_life, -_MOST_EXPONENT, _MOST_EXPONENT))


def raw_scores(sums: Floats, days: Any) -> Floats:
    """(n, 4) raw scores of (n, 10) sums, `days` after the landmark (one number, or one for each row)."""
    left = sums * decay(np.reshape(days, (-1, 1)), HALF_LIFE_OF_SUM)
    targets = left.reshape(-1, len(Target), 2).sum(axis=2)
    signs = [
        [(1.0 if target == one.targets[0] else -1.0) * (target in one.targets) for target in Target] for one in FOUR
    ]
    raw: Floats = targets @ np.array(signs).T
    return raw


def shown(raw: Floats, scales: Floats) -> Floats:
    """0 to 100, −100 to 100 for a signed one."""
    value: Floats = np.sign(raw) * 100 * (1 - np.exp(-np.minimum(_MOST_RAW, np.abs(raw) / scales)))
    return value


def overall(four: Floats, mixes: Floats) -> Floats:
    """0 to 100 of (n, 4) shown scores. Negative intimacy counts as nothing: it never lowers a priority."""
    mixed: Floats = (np.maximum(four, 0) * mixes).sum(axis=1)
    return mixed


def days_since(at: datetime, model: Any) -> float:
    """Days from the model's landmark to a moment."""
    return float((at - model.landmark).total_seconds() / 86400)


def scale_showing_fifty(raw: float) -> float:
    """The K under which this raw score shows 50."""
    return raw / LN2


def reach_milli(followers: int | None) -> int:
    """The weight of a public moment by how many could hear it, in thousandths: 1 for nobody, 6 for a million."""
    return round(1000 * log10(10 + max(0, followers or 0)))
