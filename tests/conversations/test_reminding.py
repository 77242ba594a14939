"""Half of a time has gone by: whoever is to answer hears of it once, in hours of work; so does who promised something."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from conversations.answers.replying import reply_to
from conversations.assigning import assign, reopen, snooze
from conversations.cases import open_case, settle_promise
from conversations.conversation_state import refresh
from conversations.giving import set_away
from conversations.models import Case, Conversation, Team
from conversations.service_levels.reminding import first_reminder_of, is_half_gone, is_last_quarter, tell_gone
from conversations.service_levels.sla_clock import THEIRS, Event, Targets, read_clock
from conversations.service_levels.team_hours import hours_for
from conversations.tasks import tell_promises, wake
from conversations.teams import keep_team
from conversations.telling_members import (
    HALF,
    HALF_PROMISED,
    LAST_QUARTER,
    LATE,
    PROMISED,
    SOON_PROMISED,
    saw_conversation,
)
from tests.conversations.test_sla_clock import HOURS, MOMENTS
from tests.factories.social import make_connection, make_mention
from workspaces.models import Notice

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def at(time_machine):
    def go(*parts):
        time_machine.move_to(datetime(*parts, tzinfo=BERLIN), tick=False)

    go(2026, 11, 17, 10)  # a Tuesday
    return go


@pytest.fixture
def ours(at, inside, ada, bob):
    """A connection whose team, Ada and Bob, answers within four hours, Monday to Friday, nine to six."""
    connection = make_connection()
    facts = {"name": "Front", "assigns": "", "public_minutes": 240, "members": {ada.pk: 0, bob.pk: 0}}
    keep_team(Team(), by=None, connections=[connection], **facts)
    return connection


def asked(connection, text="Is it open?", **facts):
    mention = make_mention(text, connection=connection, published_at=datetime.now(BERLIN), **facts)
    return Conversation.objects.get(pk=mention.conversation_id)


def told(kind=HALF):
    return [(row.subject_id, row.user_id) for row in Notice.objects.filter(kind=kind).order_by("user_id", "pk")]


def test_who_has_it_hears_when_half_of_the_time_is_gone_and_once(at, ours, kettle, bob):
    row = asked(ours)
    assign(row, bob, by=bob)
    assert wake(kettle) == datetime(2026, 11, 17, 12, tzinfo=BERLIN)
    at(2026, 11, 17, 11, 59)
    wake(kettle)
    assert told() == []

    for hour in (12, 13, 14, 15):
        at(2026, 11, 17, hour)
        wake(kettle)
        assert told() == [(row.pk, bob.pk)]
    assert told(LATE) == [(row.pk, bob.pk)]


def test_of_the_last_quarter_the_whole_team_hears_once(at, ours, kettle, ada, bob):
    row = asked(ours)
    assign(row, bob, by=bob)
    at(2026, 11, 17, 12)
    assert wake(kettle) == datetime(2026, 11, 17, 13, tzinfo=BERLIN)
    assert told(LAST_QUARTER) == []

    for minute in (0, 1, 59):
        at(2026, 11, 17, 13, minute)
        wake(kettle)
        assert told(LAST_QUARTER) == [(row.pk, ada.pk), (row.pk, bob.pk)]
    assert told() == [(row.pk, bob.pk)]


def test_the_last_quarter_of_a_long_time_comes_when_it_begins(at, ours, kettle, bob):
    keep_team(
        Team.objects.get(),
        by=None,
        connections=[ours],
        name="Front",
        assigns="",
        public_minutes=960,
        members={bob.pk: 0},
    )
    row = asked(ours)  # eight hours today, eight tomorrow until five
    assign(row, bob, by=bob)
    at(2026, 11, 17, 18)
    assert wake(kettle) == datetime(2026, 11, 18, 13, tzinfo=BERLIN)


def test_who_is_away_hears_nothing_of_the_last_quarter_unless_it_is_theirs(at, ours, kettle, ada, bob):
    set_away(ada.pk, datetime(2026, 11, 20, tzinfo=BERLIN))
    row = asked(ours)
    assign(row, bob, by=bob)
    at(2026, 11, 17, 13)
    wake(kettle)
    assert (told(), told(LAST_QUARTER)) == ([], [(row.pk, bob.pk)])


def test_whoever_looks_at_the_conversation_has_seen_the_reminder(at, ours, kettle, bob):
    row = asked(ours)
    assign(row, bob, by=bob)
    at(2026, 11, 17, 12)
    wake(kettle)
    assert saw_conversation(row.pk, bob.pk) == 1
    assert Notice.objects.get(kind=HALF).seen_at is not None


def test_of_what_nobody_has_the_team_hears_but_nobody_who_is_away_and_nobody_twice(at, ours, kettle, ada, bob):
    set_away(bob.pk, datetime(2026, 11, 20, tzinfo=BERLIN))
    row = asked(ours)
    at(2026, 11, 17, 12)
    wake(kettle)
    assert told() == [(row.pk, ada.pk)]

    assign(row, bob, by=ada)  # who gets it later knows by being given it
    at(2026, 11, 17, 12, 30)
    tell_gone([row.pk])
    assert told() == [(row.pk, ada.pk)]


def test_half_is_counted_in_hours_of_work(at, ours, kettle, ada, bob):
    at(2026, 11, 17, 17)
    asked(ours)  # an hour today, three tomorrow
    for moment in ((2026, 11, 17, 23), (2026, 11, 18, 9, 59)):
        at(*moment)
        wake(kettle)
        assert told() == []
    at(2026, 11, 18, 10)
    wake(kettle)
    assert len(told()) == 2


def test_an_answer_in_time_tells_nobody_and_what_they_ask_then_is_told_anew(at, ours, kettle, ada, bob):
    row = asked(ours, thread="t", handle="anna@social.example")
    assign(row, bob, by=bob)
    reply_to(row.mentions.get(), "Here.", by=bob)
    at(2026, 11, 17, 13)
    wake(kettle)
    assert told() == []

    asked(ours, thread="t", handle="anna@social.example")
    at(2026, 11, 17, 15)
    wake(kettle)
    asked(ours, thread="t", handle="anna@social.example")
    at(2026, 11, 17, 16)
    wake(kettle)
    assert told() == [(row.pk, bob.pk)]


def test_out_of_sight_tells_nobody_until_it_is_back(at, ours, kettle, bob):
    row = asked(ours)
    assign(row, bob, by=bob)
    snooze(row, datetime(2026, 11, 17, 12, 45, tzinfo=BERLIN), by=bob)
    at(2026, 11, 17, 12, 30)
    wake(kettle)
    assert told() == []
    at(2026, 11, 17, 12, 45)
    wake(kettle)
    assert told() == [(row.pk, bob.pk)]


def test_what_comes_in_late_is_told_at_once_and_what_is_late_already_is_only_late(at, ours, kettle, ada, bob):
    half, quarter, late = (
        make_mention(connection=ours, published_at=datetime(2026, 11, 16, hour, tzinfo=BERLIN)).conversation_id
        for hour in (17, 16, 14)  # Monday: two hours of work ago, three, and five
    )
    wake(kettle)
    assert told() == [(half, ada.pk), (half, bob.pk)]
    assert told(LAST_QUARTER) == [(quarter, ada.pk), (quarter, bob.pk)]
    at(2026, 11, 17, 10, 1)
    wake(kettle)
    assert {row for row, _user in told()} == {half}
    assert {row for row, _user in told(LATE)} <= {late}


def test_a_change_at_the_very_moment_loses_no_reminder(at, ours, kettle, bob):
    row = asked(ours)
    assign(row, bob, by=bob)
    at(2026, 11, 17, 12, 1)
    refresh([row.pk])  # before the agenda came to it
    wake(kettle)
    assert told() == [(row.pk, bob.pk)]


def test_fifty_cost_as_many_statements_as_one(at, ours, ada, bob):
    one, many = [asked(ours)], [asked(ours) for _n in range(50)]
    at(2026, 11, 17, 12, 1)

    def statements(rows):
        with CaptureQueriesContext(database) as queries:
            tell_gone([row.pk for row in rows])
        return len(queries)

    assert statements(one) == statements(many)
    assert len(told()) == 102


@given(HOURS, MOMENTS, st.integers(1, 3_000), st.integers(0, 4_000))
@settings(max_examples=200, deadline=None)
def test_half_at_is_the_first_moment_at_which_half_of_the_counted_time_is_gone(hours, start, minutes, later):
    clock = read_clock(
        [Event(THEIRS, start, start)], is_public=True, hours=hours, targets=Targets(public=minutes, urgent=minutes)
    )
    assume(hours.between(start, clock.due_at) == minutes * MINUTE)  # else they are hardly ever there
    half = clock.half_at
    assert hours.between(start, half) == (minutes + 1) // 2 * MINUTE
    assert is_half_gone(clock.due_at, minutes, half, hours) == (half < clock.due_at)
    quarter = clock.last_quarter_at
    assert hours.between(start, quarter) == (3 * minutes + 3) // 4 * MINUTE
    assert is_last_quarter(clock.due_at, minutes, quarter, hours) == (quarter < clock.due_at)

    moment = start + later * MINUTE
    gone = hours.between(start, moment)
    assert is_half_gone(clock.due_at, minutes, moment, hours) == (
        moment < clock.due_at and 2 * gone >= minutes * MINUTE
    )


ACTS = st.sampled_from(["pass", "write", "answer", "give", "snooze", "reopen"])


@given(acts=st.lists(st.tuples(ACTS, st.integers(0, 300)), min_size=1, max_size=12))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_whatever_happens_each_wait_is_told_once_and_only_while_half_is_gone(
    time_machine, ours, kettle, ada, bob, acts
):
    """Told when half is gone, and three quarters, and not before; never again for the same wait, never without one."""
    moment = datetime(2026, 11, 17, 10, tzinfo=BERLIN)
    with transaction.atomic():
        time_machine.move_to(moment, tick=False)
        row = asked(ours, thread="t", handle="anna@social.example")
        half, quarter = set[datetime](), set[datetime]()
        for act, minutes in acts:
            before = len(told()), len(told(LAST_QUARTER))
            moment += minutes * MINUTE
            time_machine.move_to(moment, tick=False)
            wake(kettle)
            row.refresh_from_db()
            waits, clock = (
                row.state == Conversation.State.WAITING,
                (row.due_at, row.due_minutes, moment, hours_for(row)),
            )
            since = row.waiting_since
            if len(told()) > before[0]:
                assert waits
                assert since not in half | quarter
                assert is_half_gone(*clock)
                half.add(since)
            if len(told(LAST_QUARTER)) > before[1]:
                assert waits
                assert since not in quarter
                assert is_last_quarter(*clock)
                quarter.add(since)
            if waits:
                assert since in half | quarter or not is_half_gone(*clock)
                assert since in quarter or not is_last_quarter(*clock)
            do(act, row, ada, bob, moment)
        transaction.set_rollback(True)


def do(act, row, ada, bob, moment):
    if act == "write":
        asked(row.connection, thread="t", handle="anna@social.example")
    elif act == "answer":
        reply_to(row.mentions.order_by("-pk").first(), "Here.", by=bob, even_so=True)
    elif act == "give":
        assign(row, bob if row.assignee_id != bob.pk else ada, by=ada)
    elif act == "snooze":
        snooze(row, moment + timedelta(hours=1), by=bob)
    elif act == "reopen":
        reopen(row, by=bob)


class TestPromises:
    def promise(self, row, by, due):
        return open_case(row, by=by, what="It broke", promise="A new one", promised_by_id=by.pk, due_at=due)

    def test_who_promised_hears_at_half_and_when_it_is_due(self, at, ours, kettle, bob):
        row, due = asked(ours), datetime(2026, 11, 18, 12, tzinfo=BERLIN)
        self.promise(row, bob, due)  # eight hours today, three tomorrow
        assert tell_promises(kettle) == datetime(2026, 11, 17, 15, 30, tzinfo=BERLIN)
        assert told(HALF_PROMISED) == []
        at(2026, 11, 17, 15, 30)
        soon = datetime(2026, 11, 18, 11, 30, tzinfo=BERLIN)
        assert tell_promises(kettle) == soon
        assert tell_promises(kettle) == soon
        assert (told(HALF_PROMISED), told(SOON_PROMISED)) == ([(row.pk, bob.pk)], [])
        at(2026, 11, 18, 11, 30)
        assert tell_promises(kettle) == due
        assert tell_promises(kettle) == due
        assert (told(SOON_PROMISED), told(PROMISED)) == ([(row.pk, bob.pk)], [])
        at(2026, 11, 18, 12)
        assert tell_promises(kettle) is None
        assert [told(kind) for kind in (HALF_PROMISED, SOON_PROMISED, PROMISED)] == [[(row.pk, bob.pk)]] * 3

    def test_what_is_promised_for_the_next_half_hour_is_told_when_it_is_due(self, at, ours, kettle, bob):
        row = asked(ours)
        self.promise(row, bob, datetime(2026, 11, 17, 10, 25, tzinfo=BERLIN))
        at(2026, 11, 17, 10, 13)
        assert tell_promises(kettle) == datetime(2026, 11, 17, 10, 25, tzinfo=BERLIN)
        at(2026, 11, 17, 10, 25)
        tell_promises(kettle)
        assert [told(kind) for kind in (HALF_PROMISED, SOON_PROMISED, PROMISED)] == [[], [], [(row.pk, bob.pk)]]

    def test_one_of_a_case_that_is_older_is_told_like_any_other(self, at, ours, kettle, bob):
        row = asked(ours)
        self.promise(row, bob, datetime(2026, 11, 20, 12, tzinfo=BERLIN))
        at(2026, 11, 17, 12)
        self.promise(row, bob, datetime(2026, 11, 17, 12, 25, tzinfo=BERLIN))
        at(2026, 11, 17, 12, 13)
        assert tell_promises(kettle) == datetime(2026, 11, 17, 12, 25, tzinfo=BERLIN)
        assert (told(HALF_PROMISED), told(SOON_PROMISED)) == ([], [])

    def test_of_less_than_an_hour_half_an_hour_before_comes_instead_of_half(self, at, ours, kettle, bob):
        row = asked(ours)
        self.promise(row, bob, datetime(2026, 11, 17, 10, 50, tzinfo=BERLIN))
        assert Case.objects.get().remind_at == datetime(2026, 11, 17, 10, 20, tzinfo=BERLIN)
        at(2026, 11, 17, 10, 30)
        for _time in range(2):
            assert tell_promises(kettle) == datetime(2026, 11, 17, 10, 50, tzinfo=BERLIN)
        assert (told(HALF_PROMISED), told(SOON_PROMISED)) == ([], [(row.pk, bob.pk)])

    def test_slept_through_until_the_last_half_hour_only_that_is_told(self, at, ours, kettle, bob):
        row = asked(ours)
        self.promise(row, bob, datetime(2026, 11, 17, 14, tzinfo=BERLIN))
        at(2026, 11, 17, 13, 45)
        tell_promises(kettle)
        assert (told(HALF_PROMISED), told(SOON_PROMISED)) == ([], [(row.pk, bob.pk)])

    def test_what_was_kept_reminds_nobody_and_what_was_slept_through_is_only_due(self, at, ours, kettle, bob):
        due = datetime(2026, 11, 17, 14, tzinfo=BERLIN)
        kept, slept = self.promise(asked(ours), bob, due), self.promise(asked(ours), bob, due)
        settle_promise(kept, kept=True, by=bob)
        at(2026, 11, 17, 14)
        assert tell_promises(kettle) is None
        assert (told(HALF_PROMISED), told(PROMISED)) == ([], [(slept.conversation_id, bob.pk)])

    def test_another_moment_is_reminded_of_anew(self, at, ours, kettle, bob):
        row = asked(ours)
        self.promise(row, bob, datetime(2026, 11, 17, 12, tzinfo=BERLIN))
        at(2026, 11, 17, 11)
        tell_promises(kettle)
        self.promise(row, bob, datetime(2026, 11, 17, 15, tzinfo=BERLIN))
        at(2026, 11, 17, 13)
        tell_promises(kettle)
        assert len(told(HALF_PROMISED)) == 2

    def test_where_nobody_is_there_until_then_it_is_half_by_the_clock(self, at, ours, bob):
        at(2026, 11, 21, 10)  # a Saturday
        case = self.promise(asked(ours), bob, datetime(2026, 11, 22, 10, tzinfo=BERLIN))
        assert case.remind_at == datetime(2026, 11, 21, 22, tzinfo=BERLIN)
        assert first_reminder_of(case, case.due_at) is None

    def test_what_is_promised_until_a_moment_that_is_gone_has_no_half(self, at, ours, bob):
        self.promise(asked(ours), bob, datetime(2026, 11, 17, 9, tzinfo=BERLIN))
        assert Case.objects.get().remind_at is None
