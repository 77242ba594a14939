"""Versions of an email against each other: what may be said, however often somebody looks."""

import math
import random

import pytest

from campaigns.experiments.judging import Arm, chi_square_tail, gap_between, judge, split_chance

HALVES = (0.5, 0.5)


def clicks(people: int, clicked: int) -> Arm:
    return Arm(people, clicked, clicked)


def said(*arms: Arm, shares=None, effect=0.01, planned=100):
    return judge(arms, shares=shares or [1 / len(arms)] * len(arms), effect=effect, planned=planned)


def test_a_clear_difference_has_a_winner_and_an_interval_without_zero():
    found = said(clicks(5_000, 250), clicks(5_000, 400))

    assert (found.word, found.leader, found.winner) == ("winner", 1, 1)
    (gap,) = found.gaps
    assert gap.difference == pytest.approx(0.03)
    assert 0 < gap.low < 0.03 < gap.high


def test_the_first_may_win_too():
    assert said(clicks(5_000, 400), clicks(5_000, 250)).winner == 0


@pytest.mark.parametrize(
    ("arms", "word"),
    [
        ((clicks(99, 60), clicks(5_000, 250)), "mismatch"),
        ((clicks(99, 60), clicks(99, 5)), "early"),  # fewer people than 100
        ((clicks(150, 10), clicks(150, 9)), "early"),  # fewer than 20 clicks
        ((clicks(0, 0), clicks(0, 0)), "early"),
        ((clicks(500, 50), clicks(500, 52)), "none"),
        ((clicks(500, 500), clicks(500, 500)), "none"),
    ],
)
def test_nothing_is_said_too_early(arms, word):
    found = said(*arms)

    assert (found.word, found.winner) == (word, None)


def test_below_the_planned_number_it_is_early_whatever_the_difference():
    arms = (clicks(900, 90), clicks(900, 300))

    assert said(*arms, planned=1_000).word == "early"
    assert said(*arms, planned=900).word == "winner"


def test_one_that_beats_the_first_but_not_the_second_is_no_winner():
    found = said(clicks(5_000, 250), clicks(5_000, 420), clicks(5_000, 425))

    assert (found.word, found.leader) == ("none", 2)
    assert [gap.is_clear for gap in found.gaps] == [True, True]


def test_revenue_is_judged_by_how_much_it_varies():
    steady = Arm(2_000, 2_000 * 5.0, 2_000 * 26.0)
    wild = Arm(2_000, 2_000 * 5.5, 2_000 * 3_000.0)

    assert said(steady, Arm(2_000, 2_000 * 5.5, 2_000 * 31.25), effect=0.5).word == "winner"
    assert said(steady, wild, effect=0.5).word == "none"


@pytest.mark.parametrize(
    ("square", "degrees", "tail"),
    [(3.841459, 1, 0.05), (5.991465, 2, 0.05), (7.814728, 3, 0.05), (10.827566, 1, 0.001), (18.466827, 4, 0.001), (0, 3, 1)],
)  # fmt: skip
def test_tails_of_chi_square_are_those_of_the_tables(square, degrees, tail):
    assert chi_square_tail(square, degrees) == pytest.approx(tail, rel=1e-4)


def test_a_split_that_is_no_chance_blocks_the_verdict():
    assert split_chance([5_000, 5_000], HALVES) == 1
    assert split_chance([5_000, 5_300], HALVES) < 0.01
    found = said(clicks(5_000, 250), clicks(5_500, 500))
    assert (found.word, found.winner) == ("mismatch", None)


def test_an_interval_is_where_the_ratio_reaches_its_bound():
    arms, effect, alpha = (clicks(3_000, 150), clicks(3_000, 200)), 0.01, 0.05
    gap = gap_between(arms, 0, 1, effect=effect, alpha=alpha)
    half = gap.high - gap.difference
    a, b = arms
    variance = (a.variance + b.variance) / 2 * (1 / 3_000 + 1 / 3_000)
    both = variance + effect**2
    ratio = math.sqrt(variance / both) * math.exp(effect**2 * half**2 / (2 * variance * both))

    assert ratio == pytest.approx(1 / alpha, rel=1e-9)


def test_looking_each_day_finds_no_winner_where_there_is_none():
    """400 tests of twins, looked at on 14 days: a test of a fixed size would call about a fifth of them."""
    dice, called = random.Random(7), 0
    for _ in range(400):
        counts = [[0, 0], [0, 0]]
        for _day in range(14):
            for one in counts:
                one[0] += 150
                one[1] += sum(dice.random() < 0.06 for _ in range(150))
            if said(*(clicks(*one) for one in counts)).winner is not None:
                called += 1
                break

    assert called / 400 <= 0.05
