"""Experiments on emails that nobody needs to send: false winners of twins looked at each day, and power where one is better.

Seed, people, days and rates stand below. A looker peeks each day and believes the first winner. The fixed test beside
it, which is meant to be read once, is what most tools show each day.
"""

import math
from random import Random

from campaigns.experiments.judging import Arm, judge
from workspaces.models import Workspace

SEED, TWINS, PAIRS = 20_261_127, 2_000, 500
PEOPLE_A_DAY, DAYS, RATE = 400, 14, 0.05  # of each version
LIFTS = (0.01, 0.015, 0.02, 0.03)
VERSIONS = (2, 3)
EFFECT = 0.01
Z = 1.959964


def run(_workspace: Workspace) -> None:
    """Print the figures."""
    dice = Random(SEED)
    print(f"{TWINS:,} tests of versions that are the same ({RATE:.0%} click), looked at on each of {DAYS} days:")
    for versions in VERSIONS:
        ours, fixed = _false_winners(dice, versions)
        print(
            f"  {versions} versions: {ours / TWINS:6.2%} false winners (at most 5 %); "
            f"a fixed test read each day: {fixed / TWINS:6.2%}"
        )
    print(
        f"{PAIRS} tests where B is better, {PEOPLE_A_DAY * DAYS:,} people a version; winners, and after how many days:"
    )
    for lift in LIFTS:
        found = [_days_to_winner(dice, lift) for _ in range(PAIRS)]
        right = sorted(days for days, winner in found if winner == 1)
        wrong = sum(winner == 0 for _days, winner in found)
        median = right[len(right) // 2] if right else 0
        print(
            f"  {RATE:.1%} → {RATE + lift:.1%}: {len(right) / PAIRS:6.1%} found B, after {median} days in the median; "
            f"{wrong} of {PAIRS} found A"
        )


def _false_winners(dice: Random, versions: int) -> tuple[int, int]:
    ours = fixed = 0
    for _ in range(TWINS):
        hits, called, peeked = [0] * versions, False, False
        for day in range(1, DAYS + 1):
            hits = [one + _binomial(dice, PEOPLE_A_DAY, RATE) for one in hits]
            people = day * PEOPLE_A_DAY
            arms = [Arm(people, one, one) for one in hits]
            said = judge(arms, shares=[1 / versions] * versions, effect=EFFECT, planned=PEOPLE_A_DAY)
            called = called or said.winner is not None
            peeked = peeked or _fixed_says(hits[0], max(hits[1:]), people)
        ours, fixed = ours + called, fixed + peeked
    return ours, fixed


def _days_to_winner(dice: Random, lift: float) -> tuple[int, int | None]:
    hits = [0, 0]
    for day in range(1, DAYS + 1):
        hits = [hits[0] + _binomial(dice, PEOPLE_A_DAY, RATE), hits[1] + _binomial(dice, PEOPLE_A_DAY, RATE + lift)]
        arms = [Arm(day * PEOPLE_A_DAY, one, one) for one in hits]
        said = judge(arms, shares=[0.5, 0.5], effect=EFFECT, planned=PEOPLE_A_DAY)
        if said.winner is not None:
            return day, said.winner
    return DAYS, None


def _fixed_says(a: int, b: int, people: int) -> bool:
    share = (a + b) / (2 * people)
    error = math.sqrt(2 * share * (1 - share) / people)
    return error > 0 and abs(a - b) / people > Z * error


def _binomial(dice: Random, people: int, rate: float) -> int:
    return dice.binomialvariate(people, rate)
