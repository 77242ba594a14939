"""Silence and bursts: said when they are there, and not for what rests at weekends, comes in waves or has just begun."""

import random

from hypothesis import given
from hypothesis import strategies as st

from lib.rhythm import Alarm, judge

FORTY = [40] * 42
WEEKDAYS = [0 if day % 7 in {5, 6} else 40 for day in range(42)]  # the last day is a Sunday


def test_forty_a_day_and_nothing_since_tuesday():
    assert judge([*FORTY, 0, 0], 0) == Alarm(2, 0, 40.0)
    assert judge([*FORTY, 0], 0) == Alarm(1, 0, 40.0)
    assert judge(FORTY, 0) is None  # the day has just begun
    assert judge([*FORTY, 0], 1) is None  # it came back


def test_two_a_day_need_longer_to_be_missed():
    rare = [2] * 42
    assert judge([*rare, 0, 0, 0], 0) is None
    assert judge([*rare, 0, 0, 0, 0, 0], 0) == Alarm(5, 0, 2.0)


def test_who_rests_at_weekends_is_missed_on_workdays():
    assert judge(WEEKDAYS, 0) is None
    assert judge([*WEEKDAYS, 0], 0) == Alarm(3, 0, 30.0)  # Saturday, Sunday, and a Monday without one
    assert judge(WEEKDAYS[:-2], 0) is None


def test_what_comes_in_waves_or_is_young_has_no_rhythm():
    newsletter = [5_000 if day % 7 == 3 else 0 for day in range(42)]
    assert judge([*newsletter, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0) is None
    assert judge([40] * 27 + [0, 0], 0) is None
    assert judge([], 0) is None
    assert judge([], 100_000) is None


def test_what_ended_long_ago_is_not_told_for_ever():
    assert judge([*FORTY, *[0] * 400], 0) == Alarm(400, 0, 40.0)  # whoever asks shows six weeks of days and the silence
    assert judge([0] * 84, 0) is None


def test_ten_times_the_usual_today_or_yesterday():
    assert judge(FORTY, 400) == Alarm(0, 400, 40.0, is_today=True)
    assert judge(FORTY, 399) is None
    assert judge([*FORTY, 400], 30) == Alarm(0, 400, 40.0)
    assert judge([*FORTY, 400, 400], 30) is None  # two days of it are the usual of two days
    assert judge([3] * 42, 40) is None  # few are few
    assert judge([*[3] * 41, 30], 50) is None  # it has been so high before, nearly


@given(st.integers(8, 400), st.integers(0, 10_000))
def test_what_comes_by_chance_around_one_pace_raises_no_alarm(usual, seed):
    chance = random.Random(seed)
    days = [sum(chance.random() < 0.5 for _ in range(2 * usual)) for _ in range(43)]
    assert judge(days[:42], days[42]) is None


@given(st.lists(st.integers(0, 1_000), max_size=90), st.integers(0, 100_000))
def test_any_numbers_have_an_answer(days, today):
    found = judge(days, today)
    assert found is None or (found.silent_days > 0) != (found.of_day > 0)
