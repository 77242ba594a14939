"""How strong an interest is: weights, half-life and the three words. The only home of this arithmetic.

Forward decay as in engagement/formula.py, with one half-life and a landmark that never moves: 2^(days/60) stays within
a float for 160 years. Per (contact, tag, kind, day in the workspace's zone) n facts count u = min(3, log2(1 + n)).

    strength now = Σ weight(kind) · u · 2^(−days / 60)
"""

from datetime import date, datetime
from enum import IntEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from engagement import formula
from lib.clock import now
from touchpoints.kinds import KINDS

HALF_LIFE = 60.0
LANDMARK = date(2026, 1, 1)
WEIGHTS = {KINDS["clicked"].code: 2.0, KINDS["page"].code: 0.3, KINDS["purchase"].code: 5.0}
MEASURED = (KINDS["clicked"].code, KINDS["page"].code)  # what is known by measuring; a purchase is not


class Strength(IntEnum):
    """What is said of it on screens and in segments."""

    LITTLE = 1
    CLEAR = 2
    STRONG = 3


AT_LEAST = {Strength.LITTLE: 0.5, Strength.CLEAR: 3.0, Strength.STRONG: 8.0}
NAMES = {Strength.LITTLE: _("a little"), Strength.CLEAR: _("clearly"), Strength.STRONG: _("strongly")}
KEYS = {"little": Strength.LITTLE, "clear": Strength.CLEAR, "strong": Strength.STRONG}
BY_OWN_WORD = AT_LEAST[Strength.STRONG]  # who says so themselves is strongly interested, whatever they did


def strength_of(value: float) -> Strength | None:
    """The word for a strength now; None: too faint to speak of."""
    return next((one for one in reversed(Strength) if value >= AT_LEAST[one]), None)


def left_now(at: datetime | None = None) -> float:
    """What a kept sum is multiplied by to be a strength at a moment (by default now)."""
    at = at or now()
    days = (at.timestamp() - _landmark_seconds()) / 86400
    return float(formula.decay(days, HALF_LIFE))


def _landmark_seconds() -> float:
    return (LANDMARK - date(1970, 1, 1)).days * 86400.0


def day_sql(kind: str, count: str) -> str:
    """What a day of a kind adds before it fades: weight · u."""
    whens = " ".join(f"WHEN {code} THEN {weight}" for code, weight in WEIGHTS.items())
    return f"((CASE {kind} {whens} ELSE 0 END) * {formula.day_sql(f'({count})::float8', count)})"


def growth_sql(day: str) -> str:
    """2^(days since the landmark / 60), for a day."""
    return formula.growth_sql(f"({day} - DATE '{LANDMARK}')::float8", f"{HALF_LIFE}")


def strength_sql(interest: str, left: str) -> str:
    """The strength now of a row of engagement_interest: `left` is what left_now says, as a placeholder.

    0 where the person said they are not interested; at least BY_OWN_WORD where they said they are.
    """
    from_facts = f"{interest}.sum * {left}::float8"
    return (
        f"(CASE {interest}.said WHEN 2 THEN 0 WHEN 1 THEN greatest({BY_OWN_WORD}, {from_facts}) ELSE {from_facts} END)"
    )


def kinds_params() -> dict[str, Any]:
    """The numbers of the kinds that statements speak of."""
    return {
        "clicked": KINDS["clicked"].code,
        "page": KINDS["page"].code,
        "purchase": KINDS["purchase"].code,
        "kinds": list(WEIGHTS),
        "measured_kinds": list(MEASURED),
    }
