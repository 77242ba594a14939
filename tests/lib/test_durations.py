"""Stretches of time in short."""

from datetime import timedelta

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from lib.times.durations import in_days, in_short

NINE = timedelta(hours=9)


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (timedelta(), "0 min"),
        (timedelta(minutes=-5), "0 min"),
        (timedelta(minutes=26, seconds=59), "26 min"),
        (timedelta(hours=3, minutes=2), "3 h 02"),
        (timedelta(hours=47, minutes=59), "47 h 59"),
        (timedelta(hours=48), "2 d"),
        (timedelta(hours=51, minutes=40), "2 d 3 h"),
        (timedelta(days=6, hours=23), "6 d 23 h"),
        (timedelta(days=9, hours=23), "9 d"),
    ],
)
def test_from_two_days_on_it_is_days(time, said):
    assert in_short(time) == said


def test_a_day_of_work_is_as_long_as_it_is_said_to_be():
    assert in_short(timedelta(hours=17, minutes=30), day=NINE) == "17 h 30"
    assert in_short(timedelta(hours=18), day=NINE) == "2 d"
    assert in_short(timedelta(hours=22), day=NINE) == "2 d 4 h"


def test_in_german():
    with override("de"):
        assert [in_short(timedelta(hours=hours)) for hours in (4, 48, 51)] == ["4 h 00", "2 Tg.", "2 Tg. 3 h"]


@given(st.timedeltas(timedelta(days=2), timedelta(days=400)), st.integers(60, 1440))
def test_what_is_said_is_never_more_than_it_is_nor_an_hour_less(time, minutes):
    day = timedelta(minutes=minutes)
    words = in_days(time, day=day).split()
    said = int(words[0]) * day + timedelta(hours=int(words[2]) if len(words) > 2 else 0)
    assert said <= time
    assert time - said < (timedelta(hours=1) if int(words[0]) < 7 else day)
