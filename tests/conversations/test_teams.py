"""Teams: their hours and targets count for what comes in by their connections; it is given in turn, and taken back."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from conversations.answers.replying import reply_to
from conversations.assigning import assign
from conversations.cases import open_case
from conversations.conversation_state import refresh
from conversations.giving import give_due, give_in_turn, set_away
from conversations.models import Case, Conversation, Team, TeamMember
from conversations.service_levels.team_hours import week_of
from conversations.service_levels.working_hours import USUAL
from conversations.tasks import tell_promises, wake
from conversations.teams import keep_team, remove_team
from conversations.telling_members import ESCALATED, LATE, PROMISED, tell_late
from tests.factories.social import make_connection, make_mention
from workspaces.current import working_in
from workspaces.models import AuditEntry, Notice, User

pytestmark = pytest.mark.django_db
TEAMS = "/w/kettle/inbox/teams/"
BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = datetime(2026, 11, 17, 10, tzinfo=BERLIN)


@pytest.fixture
def at(time_machine):
    def go(*parts):
        time_machine.move_to(datetime(*parts, tzinfo=BERLIN), tick=False)

    go(2026, 11, 17, 10)
    return go


def make_team(connection, members, **facts):
    given = {
        "name": "Front",
        "assigns": Team.Assigns.IN_TURN,
        "by": None,
        "members": members,
        "connections": [connection],
    }
    return keep_team(Team(), **given | facts)


def asked(connection, number=1, **facts):
    moment = datetime.now(BERLIN)
    rows = [make_mention(connection=connection, published_at=moment, **facts) for _ in range(number)]
    return [Conversation.objects.get(pk=row.conversation_id) for row in rows]


def test_the_hours_and_targets_of_the_team_count_for_its_connections(at, inside, ada):
    ours, other = make_connection(), make_connection("Another")
    week = [["09:00", "18:00"], ["09:00", "11:00"], *[["09:00", "18:00"]] * 3, None, None]

    make_team(ours, {}, week=week, country="DE", region="SN", public_minutes=180, assigns="")
    [mine], [theirs] = asked(ours), asked(other)

    # Tuesday until 11, Wednesday is the Day of Prayer in Saxony, then Thursday
    assert mine.due_at == datetime(2026, 11, 19, 11, tzinfo=BERLIN)
    assert theirs.due_at == datetime(2026, 11, 17, 14, tzinfo=BERLIN)
    remove_team(Team.objects.get(), by=ada)
    mine.refresh_from_db()
    assert mine.due_at == datetime(2026, 11, 17, 14, tzinfo=BERLIN)


def test_what_is_changed_counts_at_once_for_who_waits(at, inside, ada):
    ours = make_connection()
    team = make_team(ours, {}, assigns="")
    [row] = asked(ours)

    keep_team(team, by=ada, members={}, connections=[ours], public_minutes=60)

    row.refresh_from_db()
    assert row.due_at == datetime(2026, 11, 17, 11, tzinfo=BERLIN)
    assert row.resolve_by > row.due_at


def test_each_gets_as_many_and_nobody_more_than_they_can_carry(at, inside, ada, bob):
    ours = make_connection()
    team = make_team(ours, {ada.pk: 2, bob.pk: 3})
    asked(ours, 4)

    give_in_turn(team)

    carried = list(Conversation.objects.values_list("assignee_id", flat=True))
    assert sorted(carried) == sorted([ada.pk, ada.pk, bob.pk, bob.pk])
    asked(ours, 3)
    give_in_turn(team)
    give_in_turn(team)
    carried = list(Conversation.objects.values_list("assignee_id", flat=True))
    assert (carried.count(ada.pk), carried.count(bob.pk), carried.count(None)) == (2, 3, 2)
    assert AuditEntry.objects.filter(action="conversation.given").count() == 5


def test_nobody_is_given_anything_while_closed_or_away(at, inside, ada, bob):
    ours = make_connection()
    team = make_team(ours, {ada.pk: 0, bob.pk: 0})
    at(2026, 11, 17, 20)
    asked(ours, 2)

    assert give_in_turn(team) == datetime(2026, 11, 18, 9, tzinfo=BERLIN)
    assert not Conversation.objects.exclude(assignee_id=None).exists()
    set_away(ada.pk, datetime(2026, 11, 19, 9, tzinfo=BERLIN))
    at(2026, 11, 18, 9)
    again = give_in_turn(team)

    assert set(Conversation.objects.values_list("assignee_id", flat=True)) == {bob.pk}
    assert again == datetime(2026, 11, 19, 9, tzinfo=BERLIN)


def test_who_goes_away_leaves_what_they_carry_to_the_others(at, inside, ada, bob):
    ours = make_connection()
    team = make_team(ours, {ada.pk: 0})
    asked(ours, 2)
    give_in_turn(team)

    assert set_away(ada.pk, datetime(2026, 11, 18, 9, tzinfo=BERLIN)) == 2
    give_in_turn(team)
    assert not Conversation.objects.exclude(assignee_id=None).exists()
    set_away(ada.pk, None)
    give_in_turn(team)
    assert Conversation.objects.filter(assignee_id=ada.pk).count() == 2


def test_who_stays_silent_loses_it_to_somebody_else(at, inside, ada, bob):
    ours = make_connection()
    team = make_team(ours, {ada.pk: 0, bob.pk: 0}, requeue_minutes=60)
    [row] = asked(ours)
    again = give_in_turn(team)
    row.refresh_from_db()
    first = row.assignee_id

    assert again == datetime(2026, 11, 17, 11, tzinfo=BERLIN)
    at(2026, 11, 17, 10, 59)
    give_in_turn(team)
    row.refresh_from_db()
    assert row.assignee_id == first
    at(2026, 11, 17, 11)
    give_in_turn(team)

    row.refresh_from_db()
    assert {first, row.assignee_id} == {ada.pk, bob.pk}
    assert AuditEntry.objects.filter(action="conversation.requeued").count() == 1


def test_the_time_to_say_something_begins_when_somebody_waits(at, inside, ada, bob):
    ours = make_connection()
    team = make_team(ours, {ada.pk: 0, bob.pk: 0}, requeue_minutes=60)
    who = {"handle": "greta@tea.example", "thread": "t"}
    [row] = asked(ours, **who)
    give_in_turn(team)
    row.refresh_from_db()
    first = User.objects.get(pk=row.assignee_id)
    reply_to(row.mentions.select_related("connection", "author__contact").get(), "Yes.", by=first)
    at(2026, 11, 19, 10)
    asked(ours, **who)

    assert give_in_turn(team) == datetime(2026, 11, 19, 11, tzinfo=BERLIN)
    row.refresh_from_db()
    assert row.assignee_id == first.pk
    set_away(first.pk, datetime(2026, 11, 20, 9, tzinfo=BERLIN))
    Conversation.objects.update(assignee_id=first.pk, assigned_at=datetime.now(BERLIN))
    give_in_turn(team)
    row.refresh_from_db()
    assert row.assignee_id not in {None, first.pk}


def test_the_agenda_gives_what_comes_in(at, kettle, ada):
    with working_in(kettle):
        ours = make_connection()
        make_team(ours, {ada.pk: 0})
        [row] = asked(ours)

    give_due(kettle)

    with working_in(kettle):
        row.refresh_from_db()
        assert row.assignee_id == ada.pk


def test_giving_many_costs_as_many_statements_as_one(at, inside, ada, bob):
    ours, found = make_connection(), {}
    team = make_team(ours, {ada.pk: 0, bob.pk: 0})
    for number in (1, 20):
        asked(ours, number)
        with CaptureQueriesContext(database) as queries:
            give_in_turn(team)
        found[number] = len(
            [one for one in queries if "auditentry" not in one["sql"] and "auditseal" not in one["sql"]]
        )

    assert found[20] <= found[1] + 1


def test_a_member_who_may_not_answer_any_more_is_in_no_team(at, inside, ada, bob):
    from conversations.assigning import on_membership_changed

    team = make_team(make_connection(), {ada.pk: 0, bob.pk: 0, 999_999: 0})
    assert set(team.members.values_list("user_id", flat=True)) == {ada.pk, bob.pk}

    on_membership_changed(bob.pk, "")

    assert list(TeamMember.objects.values_list("user_id", flat=True)) == [ada.pk]


def said(**facts):
    given = {
        "name": "Front", "country": "DE", "region": "sn", "closed": "2026-12-28 2026-12-29", "public": "1", "private": "8",
        "urgent": "0.5", "resolution": "40", "requeue": "0", "escalate": "0", "assigns": "in_turn", "opens_0": "09:00", "closes_0": "20:00",
    }  # fmt: skip
    return given | facts


def test_a_team_is_made_and_changed_on_its_page(at, as_ada, kettle, ada):
    with working_in(kettle):
        ours = make_connection()

    told = as_ada.post(f"{TEAMS}new/", said(**{f"in_{ada.pk}": "on", f"most_{ada.pk}": "5", "connections": [ours.pk]}))

    assert told.status_code == 302
    page = as_ada.get(TEAMS).text
    assert "is answered by Monday, 09:30" not in page.split("team-list")[0]
    with working_in(kettle):
        team = Team.objects.get()
        assert (team.week[0], team.week[1], team.region, team.closed) == (
            ["09:00", "20:00"], None, "SN", ["2026-12-28", "2026-12-29"],
        )  # fmt: skip
        assert (team.urgent_minutes, team.members.get().capacity) == (30, 5)
    shown = as_ada.get(f"{TEAMS}{team.pk}/").text
    assert 'value="20:00"' in shown
    assert as_ada.post(f"{TEAMS}new/", said()).status_code == 422  # of the same name
    assert as_ada.post(f"{TEAMS}{team.pk}/remove/").status_code == 302
    with working_in(kettle):
        assert not Team.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"region": "ZZ"}, {"closed": "Christmas"}, {"public": "0"}, {"public": "nan"}, {"public": "1e9"},
        {"opens_0": ""}, {"closes_0": "08:00"}, {"opens_0": "", "closes_0": ""}, {"country": "XX"}, {"assigns": "dice"},
        {"opens_3": "25:00"}, {"connections": ["7777"]},
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_nothing_is_kept(as_ada, kettle, wrong):
    assert as_ada.post(f"{TEAMS}new/", said(**wrong)).status_code == 422
    with working_in(kettle):
        assert not Team.objects.exists()


def test_i_am_away_and_here_again(as_ada, kettle, ada):
    with working_in(kettle):
        make_team(make_connection(), {ada.pk: 0})
    until = (datetime.now(BERLIN) + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")

    assert "You are away." in as_ada.post(f"{TEAMS}away/", {"until": until}, follow=True).text
    assert "Away until" in as_ada.get(TEAMS).text
    assert "still to come" in as_ada.post(f"{TEAMS}away/", {"until": "2001-01-01T10:00"}, follow=True).text
    as_ada.post(f"{TEAMS}away/", {"until": ""})
    with working_in(kettle):
        assert TeamMember.objects.get().away_until is None


def test_refreshing_reads_teams_with_the_rest(at, inside):
    ours = make_connection()
    make_team(ours, {}, assigns="")
    rows = asked(ours, 3)
    with CaptureQueriesContext(database) as three:
        refresh([row.pk for row in rows])
    with CaptureQueriesContext(database) as one:
        refresh([rows[0].pk])
    assert len(three) == len(one)


def told(kind):
    rows = Notice.objects.filter(kind=kind).order_by("user_id")
    return [(row.subject_id, row.user_id) for row in rows]


def test_who_has_it_hears_when_an_answer_is_late_and_once(at, inside, kettle, ada, bob):
    ours = make_connection()
    make_team(ours, {ada.pk: 0, bob.pk: 0}, assigns="", public_minutes=60)
    [row] = asked(ours)
    assign(row, bob, by=bob)
    assert told(LATE) == []

    at(2026, 11, 17, 11, 1)
    wake(kettle)
    assert told(LATE) == [(row.pk, bob.pk)]
    at(2026, 11, 17, 12, 1)
    wake(kettle)
    assert told(LATE) == [(row.pk, bob.pk)]
    assert told(ESCALATED) == []


def test_of_what_nobody_has_the_team_hears_but_nobody_who_is_away(at, inside, kettle, ada, bob):
    ours = make_connection()
    make_team(ours, {ada.pk: 0, bob.pk: 0}, assigns="", public_minutes=60)
    set_away(bob.pk, datetime(2026, 11, 20, tzinfo=BERLIN))
    [row] = asked(ours)

    at(2026, 11, 17, 11, 1)
    wake(kettle)
    assert told(LATE) == [(row.pk, ada.pk)]


def test_what_is_very_late_goes_to_whoever_looks_after_that_in_hours_of_work(at, inside, kettle, ada, bob):
    ours = make_connection()
    make_team(ours, {bob.pk: 0}, assigns="", public_minutes=60, escalate_minutes=600, escalate_to_id=ada.pk)
    [row] = asked(ours)

    at(2026, 11, 17, 17)
    wake(kettle)
    assert told(ESCALATED) == []
    # due at 11, seven hours until 18, the other three the next day from nine
    at(2026, 11, 18, 11, 59)
    wake(kettle)
    assert told(ESCALATED) == []
    at(2026, 11, 18, 12)
    wake(kettle)
    assert told(ESCALATED) == [(row.pk, ada.pk)]
    assert AuditEntry.objects.filter(action="conversation.escalated").count() == 1


def test_an_answer_in_time_tells_nobody_and_a_new_question_is_late_anew(at, inside, kettle, ada, bob):
    ours = make_connection()
    make_team(ours, {bob.pk: 0}, assigns="", public_minutes=60)
    [row] = asked(ours, thread="t", handle="anna@social.example")
    reply_to(row.mentions.get(), "Here.", by=bob)
    at(2026, 11, 17, 12)
    wake(kettle)
    assert told(LATE) == []

    asked(ours, thread="t", handle="anna@social.example")
    at(2026, 11, 17, 14)
    wake(kettle)
    assert told(LATE) == [(row.pk, bob.pk)]


def test_a_promise_that_is_due_is_told_to_whoever_made_it(at, inside, kettle, ada, bob):
    [row] = asked(make_connection())
    due = datetime(2026, 11, 17, 15, tzinfo=BERLIN)
    open_case(row, by=ada, what="It broke", promise="A new one", promised_by_id=bob.pk, due_at=due)
    half = Case.objects.get().remind_at
    assert tell_promises(kettle) == half
    assert told(PROMISED) == []
    assert half < due
    at(2026, 11, 17, 15)
    assert tell_promises(kettle) is None
    assert told(PROMISED) == [(row.pk, bob.pk)]


def test_of_who_left_the_team_hears_instead(at, inside, kettle, ada, bob):
    ours = make_connection()
    make_team(ours, {bob.pk: 0}, assigns="", public_minutes=60, escalate_minutes=60, escalate_to_id=987_654)
    [row] = asked(ours)
    at(2026, 11, 17, 12)
    wake(kettle)
    assert told(ESCALATED) == [(row.pk, bob.pk)]


def test_fifty_that_are_late_cost_as_many_statements_as_one(at, inside, kettle, ada, bob):
    ours = make_connection()
    make_team(ours, {ada.pk: 0, bob.pk: 0}, assigns="", public_minutes=60)
    one, many = asked(ours), asked(ours, 50)
    at(2026, 11, 17, 11, 1)

    def statements(rows):
        with CaptureQueriesContext(database) as queries:
            tell_late([row.pk for row in rows])
        return len(queries)

    assert statements(one) == statements(many)
    assert len(told(LATE)) == 102


def test_a_week_that_is_not_of_seven_days_is_the_usual_one():
    assert week_of([]) == week_of([["09:00", "18:00"]]) == USUAL
    assert week_of([None] * 6 + [["10:00", "12:00"]])[6] == (time(10), time(12))


def test_whoever_is_in_a_team_has_a_queue_of_what_comes_in_by_its_connections(client, kettle, ada, bob):
    with working_in(kettle):
        ours, others = make_connection("Ours"), make_connection("Others")
        mine = make_mention("Of ours", connection=ours, thread="a")
        make_mention("Of others", connection=others, thread="b", handle="b@tea.example")
        make_team(ours, {bob.pk: 0}, assigns="")
    seen = {}
    for member in (ada, bob):
        client.force_login(member)
        page = client.get("/w/kettle/inbox/?queue=team")
        counts = {one["key"]: one["count"] for one in page.context["counts"]["queues"]}
        seen[member.pk] = ([row["id"] for row in page.context["rows"]], counts.get("team"), counts["waiting"])

    assert seen == {ada.pk: ([], None, 2), bob.pk: ([mine.conversation_id], 1, 2)}


def test_the_queue_of_a_team_is_by_urgency_and_one_line_further_on_each_page(client, kettle, bob):
    with working_in(kettle):
        ours = make_connection("Ours")
        for number in range(35):
            make_mention(f"Question {number}?", connection=ours, thread=f"t{number}", handle=f"n{number}@tea.example")
        make_team(ours, {bob.pk: 0}, assigns="")
        urgent = list(Conversation.objects.order_by("-priority", "waiting_since", "pk").values_list("pk", flat=True))
    client.force_login(bob)
    first = client.get("/w/kettle/inbox/?queue=team")
    after = client.get(f"/w/kettle/inbox/?queue=team&after={first.context['cursor']}", headers={"HX-Request": "true"})

    assert [row["id"] for page in (first, after) for row in page.context["rows"]] == urgent


def test_a_team_that_is_gone_is_no_queue_and_every_page_is_told(
    client, kettle, bob, django_capture_on_commit_callbacks
):
    with working_in(kettle):
        ours = make_connection("Ours")
        make_mention("Of ours", connection=ours)
        team = make_team(ours, {bob.pk: 0}, assigns="")
    client.force_login(bob)
    version = client.get("/w/kettle/inbox/").context["version"]

    with django_capture_on_commit_callbacks(execute=True), working_in(kettle):
        remove_team(team, by=None)

    page = client.get("/w/kettle/inbox/")
    assert "team" not in {one["key"] for one in page.context["counts"]["queues"]}
    assert page.context["version"] != version
