"""Did it change anything? The difference between those reached and the control group, with the interval it lies in."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lib.clock import now

Z = 1.959964
FEWEST = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """Shares in percent, the difference and its 95 % interval in points; or means, and the difference in their unit.

    `is_early`: nobody should call it yet.
    """

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


@dataclass(frozen=True, slots=True)
class Sample:
    """What a group of people did: how many they are, the sum of what each did and of its squares."""

    people: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """For each of them."""
        return self.total / self.people if self.people else 0.0

    @property
    def variance(self) -> float:
        """Of one person's value, as of a sample."""
        if self.people < 2:
            return 0.0
        return max(0.0, (self.squares - self.people * self.mean**2) / (self.people - 1))


def compare_means(reached: Sample, held: Sample, *, verdict_at: datetime) -> Difference | None:
    """Welch's interval for a difference of two means (Biometrika 34, 1947). None while a group has less than two people.

    Too early: as for shares.
    """
    if min(reached.people, held.people) < 2:
        return None
    first, second = reached.variance / reached.people, held.variance / held.people
    points, half = reached.mean - held.mean, 0.0
    if first + second:
        degrees = (first + second) ** 2 / (first**2 / (reached.people - 1) + second**2 / (held.people - 1))
        half = student(degrees) * math.sqrt(first + second)
    early = now() < verdict_at or min(reached.people, held.people) < FEWEST
    return Difference(reached.mean, held.mean, points, points - half, points + half, early)


def student(degrees: float) -> float:
    """The 97.5 % point of Student's t (Abramowitz and Stegun 26.7.5); within 0.001 from 10 degrees of freedom on."""
    z, n = Z, degrees
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
    )


def wilson(hits: int, of: int) -> tuple[float, float, float]:
    """(share, low, high): Wilson's 95 % interval of a share."""
    share, square = hits / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return share, middle - half, middle + half


def percent_held(holdouts: Sequence[tuple[str, int]]) -> float:
    """Of 100 people so many are planned to be in one of these control groups or more: each is drawn by a salt of its own.

    `holdouts`: (salt, size in 10,000), as a message bears them.
    """
    return 100 * (1 - math.prod(1 - size / 10_000 for _salt, size in holdouts))


def split_p(held: int, planned: int, percent: float) -> float:
    """How likely a split at least this far from the plan is by chance (chi-square, one degree of freedom)."""
    expected = planned * percent / 100
    if not 0 < expected < planned:
        return 1.0
    square = (held - expected) ** 2 * (1 / expected + 1 / (planned - expected))
    return math.erfc(math.sqrt(square / 2))
