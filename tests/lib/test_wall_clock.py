"""What a clock on the wall shows: the night with an hour less, the night with an hour more, and all others."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from lib.times.moment_fields import MomentField
from lib.times.wall_clock import comes_twice, is_skipped, moment_at

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Kolkata",
    "UTC",
)
WALLS = st.datetimes(datetime(1971, 1, 2), datetime(2060, 1, 1), timezones=st.none()).map(  # noqa: DTZ001 - on the wall
    lambda at: at.replace(microsecond=0)
)


def naive(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "wall", "moment"),
    [
        ("Europe/Berlin", "2027-03-28 02:30", "2027-03-28 01:00"),  # 3 o'clock
        ("Europe/Berlin", "2027-03-28 02:00", "2027-03-28 01:00"),
        ("Europe/Berlin", "2027-03-28 03:00", "2027-03-28 01:00"),
        ("Europe/Berlin", "2027-10-31 02:30", "2027-10-31 00:30"),  # the first of two
        ("America/New_York", "2027-03-14 02:30", "2027-03-14 07:00"),
        ("Australia/Lord_Howe", "2027-10-03 02:15", "2027-10-02 15:30"),  # half an hour
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00"),  # a whole day
        ("UTC", "2027-03-28 02:30", "2027-03-28 02:30"),
    ],
)
def test_the_moment_of_a_time(zone, wall, moment):
    assert moment_at(naive(wall), ZoneInfo(zone)) == naive(moment).replace(tzinfo=UTC)


@given(st.sampled_from(ZONES), WALLS)
def test_it_is_the_first_moment_at_which_the_clock_shows_as_much(zone, wall):
    there = ZoneInfo(zone)
    moment = moment_at(wall, there)

    shown = moment.astimezone(there).replace(tzinfo=None, fold=0)
    before = (moment - timedelta(seconds=1)).astimezone(there).replace(tzinfo=None, fold=0)
    assert (shown == wall) is not is_skipped(wall, there)
    assert before < wall <= shown
    if comes_twice(wall, there):
        assert wall in {
            (moment + timedelta(minutes=n)).astimezone(there).replace(tzinfo=None, fold=0) for n in range(10, 181, 10)
        }


class Form(forms.Form):
    at = MomentField(required=False)
    near = MomentField(required=False, takes_skipped=True)


def said(zone: str, text: str) -> tuple[list[str], datetime | None]:
    with timezone.override(zone):
        form = Form({"at": text})
        form.is_valid()
        return form.errors.get("at", []), form.cleaned_data.get("at")


def test_a_time_that_does_not_exist_is_refused_with_what_can_be_taken():
    text = (
        "02:30 does not exist on 28 March: that night the clocks go forward to 03:00. "
        "Choose 03:00 or later, or an earlier time."
    )
    assert said("Europe/Berlin", "2027-03-28T02:30") == ([text], None)
    assert said("UTC", "2027-03-28T02:30")[1] == datetime(2027, 3, 28, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-10-31T02:30", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        ("2027-10-31T02:30+01:00", datetime(2027, 10, 31, 1, 30, tzinfo=UTC)),
        ("2027-07-01T09:00", datetime(2027, 7, 1, 7, 0, tzinfo=UTC)),
        ("2027-07-01", datetime(2027, 6, 30, 22, 0, tzinfo=UTC)),
        ("", None),
    ],
)
def test_other_times_are_taken(text, moment):
    assert said("Europe/Berlin", text) == ([], moment)


@pytest.mark.parametrize(
    "text", ["soon", "2027-13-01T09:00", "0001-01-01T00:00", "9999-12-31T23:59", "2500-01-01T00:00", "1\0", "²"]
)
def test_what_is_no_moment_is_refused(text):
    errors, moment = said("Europe/Berlin", text)

    assert (len(errors), moment) == (1, None)


def test_a_skipped_time_that_may_be_is_told_to_the_form():
    with timezone.override("Europe/Berlin"):
        form = Form({"near": "2027-03-28T02:30"})
        assert form.is_valid()

    assert form.cleaned_data["near"] == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert form.fields["near"].wall == naive("2027-03-28 02:30")
