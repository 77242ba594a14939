"""The calendar: everything that went out, goes out or is meant to, in the zone of who looks."""

from datetime import UTC, date, datetime, timedelta

import pytest

from campaigns.calendar import emails_a_person, going_between, weeks_from
from campaigns.composing import compose
from campaigns.reviewing import ask_review
from delivery.models import Delivery, Message
from lib.clock import now
from tests.factories.campaigns import again, make_campaign, make_sender
from tests.factories.contacts import make_reader
from tests.factories.experiments import with_test
from workspaces.current import working_in

C = "/w/kettle/campaigns/calendar/"
MONDAY = date(2027, 3, 1)


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2027, 3, day, hour, tzinfo=UTC)


@pytest.fixture
def plans(kettle, ada):
    """One of each kind in March 2027; one that was cancelled, and a draft without a moment."""
    with working_in(kettle):
        sender = make_sender()
        made = {
            name: make_campaign(sender, name=name)
            for name in ("Sent", "Moving", "Scheduled", "Waits", "Review", "Draft", "Cancelled")
        }
        make_campaign(sender, name="Nowhere")
        facts = {
            "Sent": {"state": "sent", "planned_at": at(1), "planned_count": 15_000},
            "Moving": {"state": "sending", "planned_at": at(2), "planned_count": 4},
            "Scheduled": {"state": "scheduled", "scheduled_at": at(3)},
            "Waits": {"state": "approved"},
            "Cancelled": {"state": "cancelled", "scheduled_at": at(3)},
        }
        for name, changed in facts.items():
            Message.objects.filter(pk=made[name].message_id).update(**changed)
        for name, day in (("Waits", 4), ("Review", 5), ("Draft", 5)):
            compose(again(made[name]), intended_at=at(day, 23))
        ask_review(made["Review"], by=ada)
    return made


def test_each_stands_on_its_day_with_what_it_is(as_ada, plans):
    page = as_ada.get(f"{C}?from=2027-03-04")

    days = {day.on.day: [(one.campaign.name, one.kind) for one in day.going] for day in page.context["weeks"][0]}
    assert days == {
        1: [("Sent", "sent")], 2: [("Moving", "moving")], 3: [("Scheduled", "scheduled")], 4: [],
        5: [("Waits", "waits")], 6: [("Review", "review"), ("Draft", "draft")], 7: [],  # 23:00 UTC is Berlin's next day
    }  # fmt: skip
    text = " ".join(page.text.split())
    for words in ("1 March to 28 March", "waits for approval", "approved, not scheduled", "15,000"):
        assert words in text
    assert "Nowhere" not in text
    assert "Cancelled" not in text


def test_weeks_are_turned_and_nonsense_is_this_week(as_ada, plans):
    page = as_ada.get(f"{C}?from=2027-03-29")
    assert "Nothing goes out in these weeks" in page.text
    for asked in ("nonsense", "9999-12-31", "0001-01-01", ""):
        answer = as_ada.get(C, {"from": asked})
        assert (answer.status_code, answer.context["first"].weekday()) == (200, 0)
        assert answer.context["first"] <= answer.context["today"] <= answer.context["last"]


def test_what_one_person_got_in_a_week_is_counted(inside):
    people = [make_reader() for _ in range(3)]
    sender = make_sender()
    for number in (1, 2, 3):
        campaign = make_campaign(sender)
        Message.objects.filter(pk=campaign.message_id).update(state="sent", planned_at=now(), planned_count=number)
        for person in people[:number]:
            Delivery.objects.create(message=campaign.message, contact=person, state=Delivery.State.SENT, sent_at=now())
    today = now().date()

    week = going_between(today - timedelta(days=1), today + timedelta(days=2))

    assert emails_a_person(week) == [(1, 1), (2, 1), (3, 1)]
    Message.objects.update(planned_count=1_000_000)
    assert emails_a_person(going_between(today - timedelta(days=1), today + timedelta(days=2))) is None


def test_people_of_all_versions_are_counted_with_their_campaign(inside):
    campaign = with_test(make_campaign(make_sender()))
    for message in (campaign.message, campaign.versions.get().message):
        Message.objects.filter(pk=message.pk).update(state="sent", planned_at=now(), planned_count=1)
        Delivery.objects.create(message=message, contact=make_reader(), state=Delivery.State.SENT, sent_at=now())
    today = now().date()

    week = going_between(today - timedelta(days=1), today + timedelta(days=2))

    assert ([one.people for one in week], emails_a_person(week)) == ([2], [(1, 2)])


def test_a_month_of_campaigns_takes_as_many_queries_as_a_day_of_them(inside, django_assert_num_queries):
    sender = make_sender()
    compose(make_campaign(sender), intended_at=at(3))
    with django_assert_num_queries(3):
        weeks_from(MONDAY)
    for number in range(49):
        compose(make_campaign(sender), intended_at=at(1 + number % 28))
    with django_assert_num_queries(3):
        weeks = weeks_from(MONDAY)
        assert sum(one.people is not None for week in weeks for day in week for one in day.going) == 50


def test_a_stranger_and_who_may_not_see_campaigns_see_none(as_eve, member, plans):
    assert as_eve.get(C).status_code == 404
    assert member("colleague").get(C).status_code == 403
    assert "New campaign" not in member("analyst").get(C).text.split("<main")[0].split("<header")[1]
