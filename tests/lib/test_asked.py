from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from lib.asked import a_moment, a_number, a_text, a_whole, an_id, whole_number
from lib.moments import check_storable
from lib.pages import read_cursor, write_cursor


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("12", 12), (str(2**63 - 1), 2**63 - 1), (str(2**63), None), ("9" * 5_000, None), ("²", None), ("٣", None),
     ("-1", None), ("+1", None), (" 1", 1), ("1.0", None), ("", None), ("1_0", None)],
)  # fmt: skip
def test_a_whole_number_is_plain_digits_that_a_column_holds(text, number):
    assert whole_number(text) == number


@pytest.mark.parametrize(
    ("shape", "good", "bad"),
    [
        (a_whole, [0, -5, 2**63 - 1], [True, 1.0, "1", None, 2**63, [1]]),
        (a_number, [0, -1.5, "0.25"], [True, "nan", "inf", 1e999, 10**400, "x", None, []]),
        (a_text, ["", "x"], ["\0", 1, None, ["x"]]),
        (an_id, ["ffffffff-ffff-ffff-ffff-ffffffffffff"], ["x", 1, None, "\0", "²" * 32]),
        (a_moment, ["2026-01-01T00:00:00+00:00", "1900-01-01T00:00:00Z"],
         ["2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1900-01-01T00:00:00+01:00", "x", 1, None]),
    ],
)  # fmt: skip
def test_a_part_of_a_cursor_has_its_shape(shape, good, bad):
    assert None not in [shape(one) for one in good]
    assert {shape(one) for one in bad} == {None}


def test_a_cursor_is_read_by_its_shapes_or_not_at_all():
    ours = write_cursor("2026-01-01T00:00:00+00:00", 7)

    assert read_cursor(ours, a_moment, a_whole)[1] == 7
    assert [read_cursor(ours, a_whole), read_cursor(ours, a_whole, a_whole), read_cursor("²", a_whole)] == [None] * 3
    assert read_cursor("", a_whole) is None


@pytest.mark.parametrize(
    "fits", [date(1900, 1, 1), date(2200, 12, 31), datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo"))]
)
def test_dates_of_three_centuries_fit(fits):
    check_storable(fits)


@pytest.mark.parametrize(
    "odd",
    [date(1, 1, 1), date(1899, 12, 31), date(2201, 1, 1), datetime(1, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo")),
     datetime(9999, 12, 31, 23, 59, tzinfo=ZoneInfo("America/New_York")), datetime(1900, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo"))],
)  # fmt: skip
def test_dates_beyond_are_refused_after_conversion(odd):
    with pytest.raises(ValidationError, match="from 1900 to 2200"):
        check_storable(odd)
