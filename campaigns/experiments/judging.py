"""Which version of an email does better: an answer that may be looked at every day without being wrong more often for it.

The mixture sequential probability ratio test of Robbins, as in Johari, Koomen, Pekelis and Walsh, "Always valid inference:
continuous monitoring of A/B tests" (Operations Research 70, 2022). For a difference of means θ̂ with variance V and a
normal mixture N(0, τ²) over what the true difference may be, Λ = √(V/(V+τ²)) · exp(τ²θ̂² / (2V(V+τ²))) exceeds 1/α at
any time with probability at most α when there is no difference.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

ALPHA = 0.05
FEWEST_PEOPLE, FEWEST_HITS = 100, 20  # of a version; of all together: below, a normal approximation promises too much
MISMATCH = 0.001  # a split less likely than this is no chance: something treats the versions differently


@dataclass(frozen=True, slots=True)
class Arm:
    """What came of one version: people who got it, the sum of what they did and of its squares (0 and 1 for clicks)."""

    people: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """For each person who got it."""
        return self.total / self.people if self.people else 0.0

    @property
    def variance(self) -> float:
        """Of one person's value, as of a sample."""
        if self.people < 2:
            return 0.0
        return max(0.0, (self.squares - self.people * self.mean**2) / (self.people - 1))


@dataclass(frozen=True, slots=True)
class Gap:
    """How much more the second of two versions brought for each person, with the interval that holds at any time."""

    first: int
    second: int
    difference: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether zero lies outside."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """`word`: "mismatch", "early", "none" or "winner"; `winner` the version's number, `leader` who is ahead. `gaps`: each
    other version against the first. `split_p`: how likely the split of people is by chance.
    """

    word: str
    leader: int | None
    winner: int | None
    gaps: tuple[Gap, ...]
    split_p: float

    def after(self, *, split_p: float, is_going_out: bool) -> "Judgement":
        """The same where the split is known of the people whom versions are for, and while they still go out."""
        word, winner = ("early", None) if is_going_out else (self.word, self.winner)
        if split_p < MISMATCH:
            word, winner = "mismatch", None
        return replace(self, word=word, winner=winner, split_p=split_p)


def judge(
    arms: Sequence[Arm],
    *,
    shares: Sequence[float],
    effect: float,
    planned: int,
    alpha: float = ALPHA,
    checks_split: bool = True,
) -> Judgement:
    """What may be said of versions now. `shares`: of the people each should have, adding up to 1.

    `effect` is τ: the size of a difference that would matter, in the unit of the values. `planned`: people of each version
    below whom nothing is said. A winner is clear of every other version, with α shared among all pairs. `checks_split`:
    not where the caller knows better whom versions were for (`after`).
    """
    pairs = list(combinations(range(len(arms)), 2))
    each = alpha / max(1, len(pairs))
    gaps = {(a, b): gap_between(arms, a, b, effect=effect, alpha=each) for a, b in pairs}
    told = tuple(gaps[0, other] for other in range(1, len(arms)))
    p = split_chance([arm.people for arm in arms], shares)
    leader = max(range(len(arms)), key=lambda one: (arms[one].mean, -one)) if any(arm.total for arm in arms) else None
    if p < MISMATCH and checks_split:
        return Judgement("mismatch", leader, None, told, p)
    if _is_early(arms, planned):
        return Judgement("early", leader, None, told, p)
    if leader is not None and all(gap.is_clear for pair, gap in gaps.items() if leader in pair):
        return Judgement("winner", leader, leader, told, p)
    return Judgement("none", leader, None, told, p)


def gap_between(arms: Sequence[Arm], first: int, second: int, *, effect: float, alpha: float) -> Gap:
    """The second minus the first, with the interval in which it lies with probability 1 − α whenever somebody looks."""
    a, b = arms[first], arms[second]
    difference = b.mean - a.mean
    half = _half_width(_variance_of(a, b), effect, alpha)
    return Gap(first, second, difference, difference - half, difference + half)


def _variance_of(a: Arm, b: Arm) -> float:
    """Of the difference of means; infinite while a version has nobody, or nobody did anything."""
    if not a.people or not b.people:
        return math.inf
    pooled = (a.variance * a.people + b.variance * b.people) / (a.people + b.people)
    return pooled * (1 / a.people + 1 / b.people) or math.inf


def _half_width(variance: float, effect: float, alpha: float) -> float:
    """√( V(V+τ²)/τ² · (2 ln(1/α) + ln((V+τ²)/V)) ): Λ at θ̂ − θ equal to it is just 1/α."""
    if math.isinf(variance):
        return math.inf
    both = variance + effect**2
    return math.sqrt(variance * both / effect**2 * (2 * math.log(1 / alpha) + math.log(both / variance)))


def _is_early(arms: Sequence[Arm], planned: int) -> bool:
    hits = sum(arm.total > 0 and arm.squares > 0 for arm in arms)
    few = min(arm.people for arm in arms) < max(planned, FEWEST_PEOPLE)
    return few or not hits or sum(_hits(arm) for arm in arms) < FEWEST_HITS


def _hits(arm: Arm) -> float:
    """How many people did something at least, as far as sums tell: all of them for clicks, fewer where values vary."""
    return arm.total**2 / arm.squares if arm.squares else 0.0


def split_chance(people: Sequence[int], shares: Sequence[float]) -> float:
    """How likely a split at least as far from `shares` is by chance: Pearson's χ² with as many degrees less one."""
    together = sum(people)
    if not together or len(people) < 2:
        return 1.0
    square = sum((n - together * share) ** 2 / (together * share) for n, share in zip(people, shares, strict=True))
    return chi_square_tail(square, len(people) - 1)


def chi_square_tail(square: float, degrees: int) -> float:
    """P(χ² ≥ square): by the recurrence over degrees of freedom (Abramowitz and Stegun 26.4.8)."""
    if square <= 0:
        return 1.0
    half = square / 2
    tail, at = (math.erfc(math.sqrt(half)), 1) if degrees % 2 else (math.exp(-half), 2)
    while at < degrees:
        tail += math.exp(at / 2 * math.log(half) - half - math.lgamma(at / 2 + 1))
        at += 2
    return min(1.0, tail)
