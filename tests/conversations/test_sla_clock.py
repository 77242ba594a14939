from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from conversations.service_levels.sla_clock import (
    CLOSED,
    COMPLAINT,
    NORMAL,
    OURS,
    PRAISE,
    REOPENED,
    RESOLVED,
    THEIRS,
    URGENT,
    Event,
    Targets,
    read_clock,
)
from conversations.service_levels.team_hours import holidays_of
from conversations.service_levels.working_hours import Hours

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    [BERLIN, ZoneInfo("UTC"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Pacific/Apia")]
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
MINUTES = st.integers(0, 60 * 60)


def berlin(*parts):
    return datetime(*parts, tzinfo=BERLIN)


DAYS = st.none() | st.tuples(
    st.sampled_from([time(0), time(2, 30), time(7, 15), time(9)]),
    st.sampled_from([time(0), time(10), time(18), time(22, 45)]),
)
HOURS = st.builds(
    Hours,
    ZONES,
    week=st.tuples(*[DAYS] * 7).filter(any),
    closed=st.sets(st.dates(date(2023, 12, 1), date(2027, 2, 1)), max_size=30).map(frozenset),
)


SUNDAYS_AT_NIGHT = Hours(BERLIN, week=(None,) * 6 + ((time(2, 30), time(0)),))
SUNDAYS_TILL_NIGHT = Hours(BERLIN, week=(None,) * 6 + ((time(0, 30), time(2, 30)),))


def slow_between(start, end, hours):
    """The same by counting minutes one by one: open from the first that shows the opening hour to the first of closing."""
    passed, shown, at = 0, {}, start - timedelta(hours=26)
    while at < end:
        local = at.astimezone(hours.zone)
        shown[local.date()] = latest = max(shown.get(local.date(), time(0)), local.time())
        day = hours.week[local.weekday()] if local.date() not in hours.closed else None
        is_open = day is not None and day[0] <= latest < (day[1] if day[1] > day[0] else time.max)
        passed += is_open and at >= start
        at += timedelta(minutes=1)
    return timedelta(minutes=passed)


def test_four_hours_run_over_the_night():
    asked = berlin(2026, 11, 18, 16, 30)
    clock = read_clock([Event(THEIRS, asked, asked)], is_public=True, hours=Hours(BERLIN))
    assert (clock.waiting_since, clock.due_at) == (asked, berlin(2026, 11, 19, 11, 30))


def test_a_private_question_has_until_the_same_time_on_the_next_working_day():
    asked = berlin(2026, 11, 20, 9, 32)  # a Friday
    clock = read_clock([Event(THEIRS, asked, asked)], is_public=False, hours=Hours(BERLIN))
    assert clock.due_at == berlin(2026, 11, 23, 9, 32)


def test_a_question_of_the_weekend_begins_on_monday():
    asked = berlin(2026, 11, 21, 23, 0)
    assert Hours(BERLIN).add(asked, 240) == berlin(2026, 11, 23, 13, 0)


def test_the_drawn_example_is_an_hour_and_four_minutes_late():
    due = Hours(BERLIN).add(berlin(2026, 11, 18, 13, 50), 240)
    assert Hours(BERLIN).between(due, berlin(2026, 11, 19, 9, 54)) == timedelta(hours=1, minutes=4)


@given(MOMENTS, MINUTES, HOURS)
def test_adding_and_counting_undo_each_other(start, minutes, hours):
    assert hours.between(start, hours.add(start, minutes)) == timedelta(minutes=minutes)


@given(MOMENTS, st.integers(0, 600), st.integers(0, 600), HOURS)
@example(datetime(2024, 1, 1, tzinfo=UTC), 540, 0, Hours(BERLIN))  # nothing more at the closing hour is no new day
def test_adding_twice_is_adding_the_sum(start, one, two, hours):
    assert hours.add(hours.add(start, one), two) == hours.add(start, one + two)


@settings(max_examples=40)
@example(datetime(2024, 3, 29, 19, tzinfo=UTC), 1_801, SUNDAYS_AT_NIGHT)
@example(datetime(2024, 3, 30, 19, tzinfo=UTC), 1_801, SUNDAYS_TILL_NIGHT)
@example(datetime(2024, 10, 26, 19, tzinfo=UTC), 1_801, SUNDAYS_AT_NIGHT)
@example(datetime(2024, 10, 26, 19, tzinfo=UTC), 1_801, SUNDAYS_TILL_NIGHT)
@given(MOMENTS.map(lambda m: m.replace(second=0, microsecond=0)), st.integers(0, 60 * 24 * 16), HOURS)
def test_counting_equals_counting_minute_by_minute(start, minutes, hours):
    end = start + timedelta(minutes=minutes)
    assert hours.between(start, end) == slow_between(start, end, hours)


@given(MOMENTS, st.integers(0, 400), HOURS)
def test_counting_adds_up_over_long_spans(start, days, hours):
    middle, end = start + timedelta(days=days), start + timedelta(days=2 * days, hours=5)
    assert hours.between(start, end) == hours.between(start, middle) + hours.between(middle, end)


@given(MOMENTS, HOURS)
def test_time_runs_while_somebody_is_there_and_rests_while_nobody_is(start, hours):
    passed = hours.between(start, start + timedelta(seconds=1))
    assert bool(passed) == (hours.is_open(start) or hours.is_open(start + timedelta(microseconds=999_999)))


def test_holidays_are_those_of_the_region():
    saxony = Hours(BERLIN, closed=holidays_of("DE", "SN", 2026))
    asked = berlin(2026, 11, 17, 17)  # the day before the Day of Prayer, which is a holiday in Saxony alone

    assert saxony.add(asked, 120) == berlin(2026, 11, 19, 10)
    assert Hours(BERLIN, closed=holidays_of("DE", "", 2026)).add(asked, 120) == berlin(2026, 11, 18, 10)
    assert holidays_of("XX", "", 2026) == frozenset()
    assert holidays_of("DE", "nowhere", 2026) == holidays_of("DE", "", 2026)


def test_a_calendar_without_a_day_ends():
    assert Hours(BERLIN, week=(None,) * 7).add(berlin(2026, 1, 1), 10) < berlin(2029, 6, 1)


ASKED = st.sampled_from([COMPLAINT, NORMAL, PRAISE])
EVENTS = st.lists(
    st.builds(
        lambda kind, at, late, asks, is_urgent: Event(
            kind, at, at + timedelta(minutes=late if kind == THEIRS else 0), asks, is_urgent
        ),
        st.sampled_from([THEIRS, OURS, CLOSED, REOPENED]),
        MOMENTS,
        st.sampled_from([0, 0, 0, 5, 60 * 24 * 7]),
        ASKED,
        st.booleans(),
    ),
    max_size=12,
)
# A kind of channel's own times, with cells left empty.
CELLS = st.dictionaries(st.sampled_from([COMPLAINT, NORMAL, PRAISE, RESOLVED]), st.integers(15, 3_000))
TARGETS = st.builds(
    lambda own, public, urgent: Targets(public=public, urgent=urgent, own={"reviews": own}),
    CELLS,
    st.integers(15, 3_000),
    st.integers(15, 3_000),
)


@given(EVENTS, st.randoms(use_true_random=False), st.booleans(), TARGETS)
def test_the_clock_does_not_depend_on_the_order_of_events(events, dice, is_public, targets):
    shuffled = dice.sample(events, len(events))
    kind = {"is_public": is_public, "hours": Hours(BERLIN), "targets": targets, "channel": "reviews"}
    assert read_clock(events, **kind) == read_clock(shuffled, **kind)


@given(EVENTS, MOMENTS, ASKED, st.booleans(), TARGETS)
def test_another_word_of_theirs_never_puts_an_answer_off(events, at, asks, is_urgent, targets):
    kind = {"is_public": True, "hours": Hours(BERLIN), "targets": targets, "channel": "reviews"}
    last = max((one.seen for one in events), default=at) + timedelta(seconds=1)
    before, after = read_clock(events, **kind), read_clock([*events, Event(THEIRS, at, last, asks, is_urgent)], **kind)

    assert after.due_at is not None
    assert before.due_at is None or after.due_at <= before.due_at


@given(EVENTS, TARGETS)
def test_what_is_due_is_said_with_the_target_that_decided(events, targets):
    clock = read_clock(events, is_public=True, hours=Hours(BERLIN), targets=targets, channel="reviews")
    if clock.due_at is None:
        assert (clock.minutes, clock.because) == (0, "")
        return
    own = targets.own["reviews"]
    usual = own.get(NORMAL, targets.public)
    of = {COMPLAINT: own.get(COMPLAINT, usual), NORMAL: usual, PRAISE: own.get(PRAISE, usual), URGENT: targets.urgent}
    assert clock.minutes == of[clock.because]
    began = {Hours(BERLIN).add(one.at, clock.minutes) for one in events if one.kind == THEIRS}
    again = {Hours(BERLIN).add(one.seen, clock.minutes) for one in events if one.kind == REOPENED}
    assert clock.due_at in began | again


def test_a_complaint_after_a_question_brings_the_answer_forward_and_praise_puts_nothing_off():
    asked, complained, thanked = berlin(2026, 11, 16, 10), berlin(2026, 11, 16, 11), berlin(2026, 11, 16, 12)
    events = [
        Event(THEIRS, asked, asked),
        Event(THEIRS, complained, complained, COMPLAINT),
        Event(THEIRS, thanked, thanked, PRAISE),
    ]
    kind = {"is_public": True, "hours": Hours(BERLIN), "channel": "public"}
    targets = Targets(own={"public": {COMPLAINT: 60, PRAISE: 900}})

    found = [read_clock(events[:n], targets=targets, **kind) for n in (1, 2, 3)]

    assert [one.because for one in found] == [NORMAL, COMPLAINT, COMPLAINT]
    assert [one.due_at for one in found] == [
        berlin(2026, 11, 16, 14),
        berlin(2026, 11, 16, 12),
        berlin(2026, 11, 16, 12),
    ]


def test_a_channel_may_have_no_end_for_all_of_it():
    asked = berlin(2026, 11, 16, 10)
    kind = {"is_public": True, "hours": Hours(BERLIN), "targets": Targets(own={"community": {RESOLVED: 0}})}

    assert read_clock([Event(THEIRS, asked, asked)], channel="community", **kind).resolve_by is None
    assert read_clock([Event(THEIRS, asked, asked)], channel="reviews", **kind).resolve_by is not None


@given(EVENTS)
def test_an_answer_after_everything_ends_the_waiting(events):
    last = max((one.seen for one in events), default=datetime(2026, 1, 1, tzinfo=UTC)) + timedelta(seconds=1)
    assert read_clock([*events, Event(OURS, last, last)], is_public=True, hours=Hours(BERLIN)).due_at is None


@given(EVENTS)
def test_who_waits_is_due_after_they_wrote(events):
    clock = read_clock(events, is_public=True, hours=Hours(BERLIN))
    assert (clock.waiting_since is None) == (clock.due_at is None)
    if clock.due_at:
        assert clock.due_at >= clock.waiting_since + timedelta(hours=1 if clock.because == URGENT else 4)


def test_a_question_that_arrived_late_waits_though_we_closed_after_it_was_written():
    written, closed, seen = berlin(2026, 11, 16, 10), berlin(2026, 11, 17, 10), berlin(2026, 11, 18, 10)
    events = [Event(THEIRS, written, seen), Event(CLOSED, closed, closed)]
    assert read_clock(events, is_public=True, hours=Hours(BERLIN)).waiting_since == written


def test_the_time_to_settle_it_rests_while_we_wait_for_them():
    first, answered, again = berlin(2026, 11, 16, 10), berlin(2026, 11, 16, 12), berlin(2026, 11, 18, 9)
    events = [Event(THEIRS, first, first), Event(OURS, answered, answered), Event(THEIRS, again, again)]
    targets = Targets(resolution=300)

    assert read_clock(events[:1], is_public=True, hours=Hours(BERLIN), targets=targets).resolve_by == berlin(
        2026, 11, 16, 15
    )
    assert read_clock(events[:2], is_public=True, hours=Hours(BERLIN), targets=targets).resolve_by is None
    assert read_clock(events, is_public=True, hours=Hours(BERLIN), targets=targets).resolve_by == berlin(
        2026, 11, 18, 12
    )


def test_what_is_urgent_is_answered_sooner_never_later():
    asked = berlin(2026, 11, 16, 10)
    events = [Event(THEIRS, asked, asked, is_urgent=True)]

    soon = read_clock(events, is_public=True, hours=Hours(BERLIN))
    slow = read_clock(events, is_public=True, hours=Hours(BERLIN), targets=Targets(urgent=900))

    assert (soon.because, slow.because) == (URGENT, NORMAL)
    assert (soon.due_at, slow.due_at) == (berlin(2026, 11, 16, 11), berlin(2026, 11, 16, 14))
