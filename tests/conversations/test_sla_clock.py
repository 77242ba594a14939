from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from conversations.sla_clock import CLOSED, OURS, REOPENED, THEIRS, Event, add_working, read_clock, working_between

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    [BERLIN, ZoneInfo("UTC"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Pacific/Apia")]
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
MINUTES = st.integers(0, 60 * 60)


def berlin(*parts):
    return datetime(*parts, tzinfo=BERLIN)


def slow_working_between(start, end, zone):
    """The same by counting minutes one by one."""
    passed = 0
    while start < end:
        local = start.astimezone(zone)
        passed += local.weekday() < 5 and 9 <= local.hour < 18
        start += timedelta(minutes=1)
    return timedelta(minutes=passed)


def test_four_hours_run_over_the_night():
    asked = berlin(2026, 11, 18, 16, 30)
    clock = read_clock([Event(THEIRS, asked, asked)], is_public=True, zone=BERLIN)
    assert (clock.waiting_since, clock.due_at) == (asked, berlin(2026, 11, 19, 11, 30))


def test_a_private_question_has_until_the_same_time_on_the_next_working_day():
    asked = berlin(2026, 11, 20, 9, 32)  # a Friday
    clock = read_clock([Event(THEIRS, asked, asked)], is_public=False, zone=BERLIN)
    assert clock.due_at == berlin(2026, 11, 23, 9, 32)


def test_a_question_of_the_weekend_begins_on_monday():
    asked = berlin(2026, 11, 21, 23, 0)
    assert add_working(asked, 240, BERLIN) == berlin(2026, 11, 23, 13, 0)


def test_the_drawn_example_is_an_hour_and_four_minutes_late():
    due = add_working(berlin(2026, 11, 18, 13, 50), 240, BERLIN)
    assert working_between(due, berlin(2026, 11, 19, 9, 54), BERLIN) == timedelta(hours=1, minutes=4)


@given(MOMENTS, MINUTES, ZONES)
def test_adding_and_counting_undo_each_other(start, minutes, zone):
    assert working_between(start, add_working(start, minutes, zone), zone) == timedelta(minutes=minutes)


@given(MOMENTS, st.integers(0, 600), st.integers(0, 600), ZONES)
@example(datetime(2024, 1, 1, tzinfo=UTC), 540, 0, BERLIN)  # nothing more at the closing hour is no new day
def test_adding_twice_is_adding_the_sum(start, one, two, zone):
    assert add_working(add_working(start, one, zone), two, zone) == add_working(start, one + two, zone)


@given(MOMENTS.map(lambda m: m.replace(second=0, microsecond=0)), st.integers(0, 60 * 24 * 16), ZONES)
def test_counting_equals_counting_minute_by_minute(start, minutes, zone):
    end = start + timedelta(minutes=minutes)
    assert working_between(start, end, zone) == slow_working_between(start, end, zone)


@given(MOMENTS, st.integers(0, 400), ZONES)
def test_counting_adds_up_over_long_spans(start, days, zone):
    middle, end = start + timedelta(days=days), start + timedelta(days=2 * days, hours=5)
    whole = working_between(start, middle, zone) + working_between(middle, end, zone)
    assert working_between(start, end, zone) == whole


EVENTS = st.lists(
    st.builds(
        lambda kind, at, late: Event(kind, at, at + timedelta(minutes=late if kind == THEIRS else 0)),
        st.sampled_from([THEIRS, OURS, CLOSED, REOPENED]),
        MOMENTS,
        st.sampled_from([0, 0, 0, 5, 60 * 24 * 7]),
    ),
    max_size=12,
)


@given(EVENTS, st.randoms(use_true_random=False), st.booleans())
def test_the_clock_does_not_depend_on_the_order_of_events(events, dice, is_public):
    shuffled = dice.sample(events, len(events))
    assert read_clock(events, is_public=is_public, zone=BERLIN) == read_clock(
        shuffled, is_public=is_public, zone=BERLIN
    )


@given(EVENTS)
def test_an_answer_after_everything_ends_the_waiting(events):
    last = max((one.seen for one in events), default=datetime(2026, 1, 1, tzinfo=UTC)) + timedelta(seconds=1)
    assert read_clock([*events, Event(OURS, last, last)], is_public=True, zone=BERLIN).due_at is None


@given(EVENTS)
def test_who_waits_is_due_after_they_wrote(events):
    clock = read_clock(events, is_public=True, zone=BERLIN)
    assert (clock.waiting_since is None) == (clock.due_at is None)
    if clock.due_at:
        assert clock.due_at >= clock.waiting_since + timedelta(hours=4)


def test_a_question_that_arrived_late_waits_though_we_closed_after_it_was_written():
    written, closed, seen = berlin(2026, 11, 16, 10), berlin(2026, 11, 17, 10), berlin(2026, 11, 18, 10)
    events = [Event(THEIRS, written, seen), Event(CLOSED, closed, closed)]
    assert read_clock(events, is_public=True, zone=BERLIN).waiting_since == written
