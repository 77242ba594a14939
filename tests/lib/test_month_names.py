"""Days with the name of their month: each spelling is one moment or none, never another one."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.times.month_names import is_another_weekday, lacks_day, lacks_year, read_moment

ZONE = ZoneInfo("Europe/Berlin")
DAY = datetime(2026, 11, 27, tzinfo=ZONE)
NOON = DAY.replace(hour=14, minute=3)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Nov 27, 2026", DAY),
        ("November 27 2026", DAY),
        ("27. November 2026", DAY),
        ("27.Nov.2026", DAY),
        ("27-NOV-26", DAY),
        ("27 nov '26", DAY),
        ("27Nov2026", DAY),
        ("2026-Nov-27", DAY),
        ("27th of November, 2026", DAY),
        ("Friday, November 27th, 2026", DAY),
        ("Fr., 27. Nov. 2026", DAY),
        ("3. März 2026", datetime(2026, 3, 3, tzinfo=ZONE)),
        ("1. Jänner 1999", datetime(1999, 1, 1, tzinfo=ZONE)),
        ("12 Dez 71", datetime(1971, 12, 12, tzinfo=ZONE)),
        ("27-Nov-2026 14:03", NOON),
        ("27. November 2026, 14:03 Uhr", NOON),
        ("27. November 2026 um 14:03:00", NOON),
        ("Nov 27, 2026 at 2:03\u202fPM", NOON),
        ("Nov 27, 2026, 2:03 p.m.", NOON),
        ("Fri, 27 Nov 2026 13:03:00 +0000", NOON),
        ("27 Nov 2026 14:03 +01:00", NOON),
        ("27 Nov 2026 13:03 UTC", NOON),
        ("Nov 27, 2026 12:00 AM", DAY),
    ],
)
def test_a_name_of_a_month_leaves_one_reading(text, moment):
    assert read_moment(text, ZONE) == moment


@pytest.mark.parametrize(
    "text",
    [
        "Nov 2026", "27 November", "November", "31 Nov 2026", "30. Februar 2026", "0 Nov 2026", "27 Nov 202", "27 Nov 20266",
        "Thu, 27 Nov 2026", "27 Nov 2026 14:03 EST", "27 Nov 2026 25:00", "27 Nov 2026 14:03 PM", "27 Nov 2026 0:03 PM",
        "27 Novel 2026", "Maybe 27, 2026", "Kettle May 27, 2026", "27 Nov 2026 and more", "² Nov 2026", "27 Nov 2026 14:03 +99:00",
        "", " " * 200, "2" * 5_000, "Nov" * 40,
    ],
)  # fmt: skip
def test_whatever_leaves_a_doubt_is_none(text):
    assert read_moment(text, ZONE) is None


@pytest.mark.parametrize(("text", "day", "year"), [
    ("Nov 2026", True, False), ("27 Nov", False, True), ("November 27", False, True), ("27. März", False, True),
    ("27 Nov 2026", False, False), ("Room 2026", False, False), ("27 tins", False, False), ("x" * 100, False, False),
])  # fmt: skip
def test_what_is_lacking_is_known(text, day, year):
    assert (lacks_day(text), lacks_year(text)) == (day, year)


def test_a_weekday_that_the_day_is_not_is_known():
    texts = ("Mon, 27 Nov 2026", "Fri, 27 Nov 2026", "Max, 27 Nov 2026", "27 Nov 2026")
    assert [is_another_weekday(text) for text in texts] == [True, False, False, False]


@given(
    st.dates(date(1970, 1, 1), date(2069, 12, 31)),
    st.sampled_from(["%d %b %Y", "%B %d, %Y", "%d-%b-%y", "%A, %d %B %Y"]),
)
def test_every_day_is_read_as_what_was_written(day, shape):
    assert read_moment(day.strftime(shape), UTC) == datetime(day.year, day.month, day.day, tzinfo=UTC)


@given(st.text(max_size=70))
def test_no_text_is_an_error(text):
    moment = read_moment(text, ZONE)

    assert moment is None or moment < datetime(9999, 12, 31, tzinfo=UTC) + timedelta(days=1)
    assert lacks_day(text) in {True, False}
