"""Did it change anything? The difference between those reached and the control group, with the interval it lies in."""

import math
from dataclasses import dataclass
from datetime import datetime

from lib.clock import now

Z = 1.959964
FEWEST = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """Shares in percent; the difference and its 95 % interval in points. `is_early`: nobody should call it yet."""

    reached_share: float
    held_share: float
    points: float
    low: float
    high: float
    is_early: bool

    @property
    def verdict(self) -> str:
        """early, more, less or none."""
        if self.is_early:
            return "early"
        if self.low > 0:
            return "more"
        return "less" if self.high < 0 else "none"


def compare(
    reached: int, reached_ordered: int, held: int, held_ordered: int, *, verdict_at: datetime
) -> Difference | None:
    """Newcombe's interval for a difference of two shares (Stat. Med. 1998, method 10). None while a group is empty.

    Too early: the time is not over, or fewer than 100 people in a group.
    """
    if not reached or not held:
        return None
    p1, low1, high1 = wilson(reached_ordered, reached)
    p2, low2, high2 = wilson(held_ordered, held)
    points = p1 - p2
    low = points - math.hypot(p1 - low1, high2 - p2)
    high = points + math.hypot(high1 - p1, p2 - low2)
    early = now() < verdict_at or min(reached, held) < FEWEST
    return Difference(100 * p1, 100 * p2, 100 * points, 100 * low, 100 * high, early)


def wilson(hits: int, of: int) -> tuple[float, float, float]:
    """(share, low, high): Wilson's 95 % interval of a share."""
    share, square = hits / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return share, middle - half, middle + half


def split_p(held: int, planned: int, percent: float) -> float:
    """How likely a split at least this far from the plan is by chance (chi-square, one degree of freedom)."""
    expected = planned * percent / 100
    if not 0 < expected < planned:
        return 1.0
    square = (held - expected) ** 2 * (1 / expected + 1 / (planned - expected))
    return math.erfc(math.sqrt(square / 2))
