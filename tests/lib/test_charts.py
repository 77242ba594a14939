"""Geometry of the charts: what must hold for any numbers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.charts.grids import draw_cohort, draw_heat
from lib.charts.marks import draw_bullet, draw_meter, draw_spark, signed_part, stack_parts
from lib.charts.scales import at, axis_of, round_step, share, short
from lib.charts.steps import draw_funnel, draw_interval
from lib.charts.trends import Annotation, change, draw_trend

values = st.floats(-1e6, 1e6)
amounts = st.floats(0, 1e6)
NUMBER = re.compile(r"-?\d+(\.\d+)?$")


@given(st.floats(-1e5, 1e5))
def test_a_coordinate_is_a_plain_number(value):
    assert NUMBER.match(at(value))
    assert float(at(value)) == pytest.approx(value, abs=0.0051)


@given(st.lists(values, min_size=1))
def test_an_axis_holds_its_values_and_zero_with_few_lines(some):
    axis = axis_of(some)

    slack = (axis.high - axis.low) * 1e-6 + 1e-9
    assert axis.low - slack <= min(0, *some) <= max(0, *some) <= axis.high + slack
    assert 2 <= len(axis.ticks) <= 7


def test_a_pinned_axis_is_kept():
    axis = axis_of([38, 45], low=0, high=60)
    assert (axis.low, axis.high, axis.ticks) == (0, 60, (0, 20, 40, 60))


@pytest.mark.parametrize(("span", "step"), [(60, 20), (1, 0.5), (0.9, 0.5), (1234, 500), (0, 1)])
def test_steps_are_round(span, step):
    assert round_step(span) == pytest.approx(step)


@pytest.mark.parametrize(("value", "text"), [(1200, "1.2k"), (-41, "−41"), (0.25, "0.25"), (3_000_000, "3M"), (0, "0")])
def test_numbers_are_short(value, text):
    assert short(value) == text


def test_a_share_of_nothing_is_nothing():
    assert (share(3, 0), share(-1, 4), share(9, 4), share(1, 4)) == (0, 0, 100, 25)


@given(st.lists(amounts, min_size=1, max_size=8))
def test_parts_of_a_stack_follow_each_other_within_the_bar(some):
    parts = stack_parts([("level-1", value, "") for value in some])

    assert len(parts) == sum(value > 0 for value in some)
    starts = [float(part.x) for part in parts]
    assert starts == sorted(starts)
    assert all(float(part.x) + float(part.width) <= 100.5 for part in parts)


def test_a_signed_bar_grows_from_the_middle():
    warm, cold = signed_part(40, "fI"), signed_part(-40, "fI")
    assert (warm.x, warm.width, cold.x, cold.width) == ("50", "20", "30", "20")


def test_the_meter_says_the_level_and_what_is_about_to_be_lost():
    falling, steady, unknown = draw_meter(5, -1), draw_meter(5, 0), draw_meter(0, 0)

    assert [css for css, _ in falling.segments] == [
        "level-5",
        "level-5",
        "level-5",
        "level-5",
        "level-5 going",
        "level-0",
    ]
    assert [css for css, _ in steady.segments] == ["level-5"] * 5 + ["level-0"]
    assert [css for css, _ in unknown.segments] == ["level-0"] * 6


def test_the_meter_points_where_the_person_is_going():
    up, down = draw_meter(3, 1).segments[0][1], draw_meter(3, -1).segments[0][1]
    assert (up, down) == ("M0 0h10l3.5 4.5l-3.5 4.5h-10l3.5 -4.5z", "M3.5 0h10l-3.5 4.5l3.5 4.5h-10l-3.5 -4.5z")


def test_a_bullet_ends_beyond_its_largest_value():
    bullet = draw_bullet(20, 30, 40)
    assert (bullet.base, bullet.now, bullet.target) == ("40", "60", "80")


def test_one_value_is_no_line():
    assert draw_spark([5]) is None
    assert draw_spark([5, 5]).path == "M2 19L80 19"


@given(st.lists(st.tuples(st.just("7 Sep"), st.one_of(st.none(), values)), max_size=30))
def test_a_trend_draws_every_known_value_inside_its_frame(series):
    drawn = draw_trend(series)
    known = [value for _, value in series if value is not None]

    if not known:
        assert drawn is None
        return
    assert len(drawn.points) == len(known)
    for point in drawn.points:
        assert drawn.left <= float(point.x) <= drawn.right
        assert drawn.top - 0.1 <= float(point.y) <= drawn.floor + 0.1


def test_a_gap_breaks_the_line():
    assert len(draw_trend([("a", 1), ("b", 2), ("c", None), ("d", 3)]).lines) == 2


def test_an_annotation_outside_the_series_stays_inside_the_chart():
    drawn = draw_trend([("a", 1), ("b", 2)], annotations=[Annotation("TV", 5, 9)])
    assert float(drawn.bands[0].x) <= drawn.right


def test_change_is_from_the_first_to_the_last_known_value():
    assert change([("a", None), ("b", 4), ("c", 6), ("d", None)]) == 2
    assert change([("a", 4)]) is None


@given(st.lists(st.lists(st.one_of(st.none(), amounts), min_size=3, max_size=3), min_size=1, max_size=6))
def test_darker_cells_are_never_smaller(rows):
    grid = draw_cohort([("May", 10, row) for row in rows], ["1", "2", "3"])

    known = sorted(value for row in rows for value in row if value is not None)
    shaded = sorted(cell.shade for row in grid.rows for cell in row.cells)
    assert len(shaded) == len(known)
    assert set(shaded) <= {1, 2, 3, 4, 5}


def test_the_shade_follows_the_value():
    grid = draw_cohort([("May", 10, [10, 20, 30, 40, 50])], "12345")
    assert [cell.shade for cell in grid.rows[0].cells] == [1, 2, 3, 4, 5]


def test_an_hour_without_a_message_is_empty():
    heat = draw_heat([("Mon", [0, 1, 10])], ["0", "1", "2"])
    assert [cell[2] for cell in heat.cells] == [0, 1, 5]


def test_a_funnel_says_the_share_of_the_step_before():
    steps = draw_funnel([("Sent", 200), ("Read", 50), ("Bought", 0)])
    assert [step.of_before for step in steps] == [None, 25, 0]
    assert draw_funnel([]) == ()


def test_a_step_that_is_no_part_of_the_one_before_says_of_which_it_is():
    steps = draw_funnel([("Sent", 200), ("Clicked", 25), ("Ordered", 50)], {2: 0})

    assert [(step.of_before, step.of) for step in steps] == [(None, ""), (12.5, ""), (25, "Sent")]
    assert draw_funnel([("Clicked", 25), ("Ordered", 50)])[1].of_before == 200  # never held at 100 in silence


@given(st.tuples(values, values, values).map(sorted))
def test_an_interval_stands_in_its_frame_with_zero(bounds):
    drawn = draw_interval(*bounds)
    places = [float(x) for x in (drawn.low, drawn.estimate, drawn.high)]
    assert places == sorted(places)
    assert 11.9 <= float(drawn.zero) <= 628.1
    assert 11.9 <= places[0] <= places[2] <= 628.1
