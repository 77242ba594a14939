"""Times to answer: by kind of channel and by what is asked; the clock says why, and what follows it follows."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from conversations.answers.replying import reply_to
from conversations.classifying import correct_sentiment
from conversations.inbox.queues import due_words
from conversations.models import Conversation, Mention, Team
from conversations.service_levels.channel_kinds import CHANNEL_KINDS, channel_kind
from conversations.service_levels.keeping_time import kept_by_kind
from conversations.service_levels.targets import asks_for, due_sentence
from conversations.service_levels.team_hours import hours_for, hours_of
from conversations.tasks import wake
from conversations.teams import keep_team
from conversations.telling_members import ESCALATED, HALF, LATE
from tests.factories.social import make_connection, make_mention
from workspaces.current import working_in
from workspaces.models import Notice

pytestmark = pytest.mark.django_db
TEAMS = "/w/kettle/inbox/teams/"
BERLIN = ZoneInfo("Europe/Berlin")
COMPLAINT = "The spout broke after two days, it leaks, this is unacceptable. I want my money back."


@pytest.fixture
def at(time_machine):
    def go(*parts):
        time_machine.move_to(datetime(*parts, tzinfo=BERLIN), tick=False)

    go(2026, 11, 17, 10)
    return go


def make_team(connection, targets, members=(), **facts):
    given = {"name": "Front", "by": None, "members": dict.fromkeys(members, 0), "connections": [connection]}
    return keep_team(Team(), **given, targets=targets, **facts)


def asked(connection, text="Does the spout fit?", **facts):
    row = make_mention(text, connection=connection, published_at=datetime.now(BERLIN), **facts)
    return Conversation.objects.select_related("author").get(pk=row.conversation_id)


@pytest.mark.parametrize(
    ("network", "is_public", "is_rated", "kind"),
    [
        ("mastodon", True, False, "public"),
        ("mastodon", False, False, "direct"),
        ("google_reviews", True, True, "reviews"),
        ("shop", True, True, "reviews"),
        ("discourse", True, False, "community"),
        ("discourse", False, False, "direct"),
        ("mail", False, False, "email"),
        ("whatsapp", False, False, "texts"),
        ("callback", False, False, "calls"),
        ("something new", True, False, "public"),
    ],
)
def test_what_comes_in_is_of_a_kind(network, is_public, is_rated, kind):
    assert channel_kind(network, is_public=is_public, is_rated=is_rated) == kind
    assert kind in CHANNEL_KINDS


@pytest.mark.parametrize(
    ("intent", "sentiment", "is_urgent", "asks"),
    [
        ("complaint", "neu", False, "complaint"),
        ("praise", "pos", False, "praise"),
        ("other", "pos", False, "praise"),
        ("praise", "neg", False, "normal"),  # thanks for nothing
        ("question", "pos", False, "normal"),
        ("praise", "pos", True, "normal"),
        ("other", "unc", False, "normal"),
    ],
)
def test_praise_is_what_asks_for_nothing(intent, sentiment, is_urgent, asks):
    assert asks_for({"intent": intent, "sentiment": sentiment, "is_urgent": is_urgent}) == asks


def test_a_complaint_in_public_has_its_own_time_and_the_page_says_why(at, as_ada, kettle):
    with working_in(kettle):
        ours = make_connection()
        make_team(ours, {"public": {"complaint": 120}})
        row, other = asked(ours, COMPLAINT), asked(ours)
        assert (row.due_for, row.due_minutes, row.due_at.astimezone(BERLIN).hour) == ("public.complaint", 120, 12)
        assert (other.due_for, other.due_minutes) == ("public.normal", 240)

    page = as_ada.get(f"/w/kettle/inbox/{row.pk}/").text

    assert "Answer by Tue 12:00: within 2 h of business hours for a complaint (Public posts)." in page


def test_each_kind_of_channel_has_its_own(at, inside):
    ours = make_connection()
    make_team(ours, {"reviews": {"normal": 60}, "email": {"normal": 120}, "texts": {"normal": 30, "resolved": 0}})

    found = [
        asked(ours, rating=3, network="shop"),
        asked(ours, network="email", is_public=False),
        asked(ours, network="sms", is_public=False),
        asked(ours, network="mastodon", is_public=False),
    ]

    assert [one.due_minutes for one in found] == [60, 120, 30, 540]
    assert [one.resolve_by is None for one in found] == [False, False, True, False]


def test_what_a_person_corrects_moves_the_clock(at, inside, ada):
    ours = make_connection()
    make_team(ours, {"public": {"praise": 60}})
    row = asked(ours, "The parcel is here since Tuesday")
    assert row.due_for == "public.normal"

    correct_sentiment(Mention.objects.select_related("author").get(conversation=row), "pos", by=ada)

    row.refresh_from_db()
    assert (row.due_for, row.due_at) == ("public.praise", datetime(2026, 11, 17, 11, tzinfo=BERLIN))


def test_lateness_escalation_and_in_time_follow_the_time_that_counts(at, inside, kettle, ada, bob):
    ours = make_connection()
    facts = {"escalate_minutes": 60, "escalate_to_id": ada.pk}
    team = make_team(ours, {"public": {"complaint": 60}}, [bob.pk], **facts)
    row, other = asked(ours, COMPLAINT), asked(ours)

    at(2026, 11, 17, 12)
    wake(kettle)

    told = Notice.objects.filter(subject_id__in=[row.pk, other.pk]).values_list("kind", "subject_id", "user_id")
    assert set(told) == {(LATE, row.pk, bob.pk), (ESCALATED, row.pk, ada.pk), (HALF, other.pk, bob.pk)}
    for one in (row, other):
        reply_to(one.mentions.select_related("connection", "author__contact", "conversation").get(), "Yes.", by=bob)
    [kept] = kept_by_kind(team).values()
    assert (kept.given, kept.in_time, kept.late, kept.percent) == (2, 1, 0, 50)


def test_a_share_counts_what_waits_too_long(at, inside, bob):
    ours = make_connection()
    team = make_team(ours, {"reviews": {"normal": 60}}, [bob.pk])
    asked(ours, rating=3)
    asked(make_connection("Another"), rating=3)  # no business of this team
    at(2026, 11, 17, 12)

    assert {kind: (one.given, one.late) for kind, one in kept_by_kind(team).items()} == {"reviews": (0, 1)}


def test_who_does_not_wait_has_no_time(at, inside, bob):
    row = asked(make_connection())
    with timezone.override(BERLIN):
        assert due_sentence(row) == "Answer by Tue 14:00: within 4 h of business hours as usual (Public posts)."

    reply_to(row.mentions.select_related("connection", "author__contact", "conversation").get(), "Yes.", by=bob)

    row.refresh_from_db()
    assert (row.due_minutes, row.due_for, due_sentence(row)) == (None, "", "")


def test_long_times_are_told_in_days_of_the_team(at, inside, bob):
    week = [["10:00", "16:00"]] * 5 + [None, None]
    ours = make_connection()
    make_team(ours, {"public": {"normal": 15 * 60}}, [bob.pk], week=week)
    row, usual = asked(ours), hours_of(None)
    with timezone.override(BERLIN):
        assert "within 2 d 3 h of business hours" in due_sentence(row)
    hours = hours_for(row)
    assert due_words(row.due_at, row.due_at - timedelta(days=2), hours) == ("2 d", "")
    assert due_words(row.due_at, row.due_at - timedelta(days=2), usual) == ("2 d", "")
    assert due_words(row.due_at, row.due_at + timedelta(days=1), hours) == ("6 h 00 late", "bad")
    assert due_words(row.due_at, row.due_at + timedelta(days=40), hours)[0].endswith(" d late")


def said(**facts):
    given = {
        "name": "Front", "public": "4", "private": "9", "urgent": "1", "resolution": "45", "requeue": "0", "escalate": "0",
        "opens_0": "09:00", "closes_0": "18:00",
    }  # fmt: skip
    return given | facts


def test_times_are_typed_in_hours_and_what_is_empty_is_as_usual(at, as_ada, kettle):
    fresh = as_ada.get(f"{TEAMS}new/").text
    assert 'name="at_public_complaint" value="1.0"' in fresh
    assert 'name="at_public_praise" placeholder="4"' in fresh  # what counts where it is empty
    cells = {"at_public_complaint": "0.5", "at_email_normal": "8", "at_community_resolved": "0"}

    assert as_ada.post(f"{TEAMS}new/", said(**cells)).status_code == 302

    with working_in(kettle):
        team = Team.objects.get()
        assert team.targets == {"public": {"complaint": 30}, "email": {"normal": 480}, "community": {"resolved": 0}}
    page = as_ada.get(f"{TEAMS}{team.pk}/").text
    assert 'name="at_public_complaint" value="0.5"' in page
    assert "A complaint by" in page


@pytest.mark.parametrize(
    "wrong", [{"at_public_complaint": "0"}, {"at_email_normal": "nan"}, {"at_calls_praise": "9e9"}]
)
def test_a_time_that_cannot_be_is_said_and_nothing_is_kept(as_ada, kettle, wrong):
    assert as_ada.post(f"{TEAMS}new/", said(**wrong)).status_code == 422
    with working_in(kettle):
        assert not Team.objects.exists()
