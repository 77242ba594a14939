"""The page of a campaign that goes out: how far, how fast, until when, who slows it down, how each provider takes it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.reporting import figures_by_now
from campaigns.views.going_out import sending_of, time_left
from contacts.models import Contact
from delivery.models import Delivery, Message, Sender
from delivery.pace.taken import TakenCounter, taken_of
from delivery.pace.throttling import Throttle, slowed
from lib.valkey import valkey
from tests.factories.campaigns import make_campaign, make_sender
from tests.factories.contacts import make_contact, make_reader
from workspaces.current import working_in

C = "/w/kettle/campaigns/"
State = Delivery.State


@pytest.fixture
def campaign(kettle):
    with working_in(kettle):
        found = make_campaign(make_sender())
        Sender.objects.update(per_second=20)
        Message.objects.update(state="sending", planned_at=timezone.now(), planned_count=100)
        return Campaign.objects.select_related("message__sender").get(pk=found.pk)


@pytest.fixture(autouse=True)
def _nothing_left(kettle):
    yield
    for key in valkey().scan_iter("ecrm:taken:*"):
        valkey().delete(key)
    for key in valkey().scan_iter("ecrm:throttle:*"):
        valkey().delete(key)


def test_what_is_taken_stands_on_the_page_before_it_stands_in_a_row(as_ada, kettle, campaign):
    counter = TakenCounter(kettle.pk, campaign.message_id)
    for _ in range(30):
        counter.count()
    counter.tell()
    counter.tell()  # nothing is told twice

    page = as_ada.get(f"{C}{campaign.pk}/", headers={"HX-Request": "true"}).text

    assert '<progress class="progress" value="30" max="100"' in re.sub(r"\s+", " ", page)
    assert re.search(r"left, done by \d\d:\d\d", re.sub(r"<[^>]+>|\s+", " ", page).replace("  ", " "))
    with working_in(kettle):
        assert taken_of(campaign.message).total == 30
        assert 0 < taken_of(campaign.message).per_second <= 30 / 50


def test_a_real_sending_is_counted_as_it_goes(inside, post, send):
    for _ in range(7):
        make_reader()
    campaign = send(make_campaign(make_sender(port=post.port)))

    assert len(post.letters) == 7
    assert taken_of(campaign.message).total == 7


def test_two_processes_count_together_and_another_workspace_apart(kettle, rival, campaign):
    one, two, other = (TakenCounter(who.pk, campaign.message_id) for who in (kettle, kettle, rival))
    for counter, times in ((one, 3), (two, 4), (other, 50)):
        for _ in range(times):
            counter.count()
        counter.tell()

    assert taken_of(campaign.message).total == 7


def test_more_is_never_shown_than_may_be_written_to(kettle, campaign):
    counter = TakenCounter(kettle.pk, campaign.message_id)
    for _ in range(250):
        counter.count()
    counter.tell()

    with working_in(kettle):
        shown = sending_of(campaign, figures_by_now(campaign))
    assert (shown["done"], shown["total"], shown["left"], shown["done_by"]) == (100, 100, "", None)


def test_a_domain_that_asks_to_wait_or_refuses_is_named_with_its_pace(as_ada, kettle, campaign):
    sender = campaign.message.sender
    throttle = Throttle(kettle.pk, sender.pk, sender.per_second)
    throttle.slow_down("ann@slow.example")
    for _ in range(3):
        throttle.count_refusal("ann@closed.example", "550 5.7.1 no")

    page = as_ada.get(f"{C}{campaign.pk}/").text

    assert "slow.example asked us to wait" in page
    assert re.search(r"it gets (10|9\.9)(\.\d)? a second", page), re.findall("asked us.{99}", page, re.DOTALL)
    assert "closed.example refuses this sender by its rules" in page
    assert slowed(kettle.pk, 999_999, 20) == []


@pytest.fixture
def taken(kettle, campaign):
    """Two at Google's, one of them waits; one at GMX's that came back, one with a firm's own domain."""
    rows = [
        ("ann@gmail.com", State.SENT, {"opened_at": timezone.now()}), ("ben@googlemail.com", State.DEFERRED, {}),
        ("cay@gmx.de", State.SENT, {"bounced_at": timezone.now()}), ("dan@firm.example", State.SENT, {}),
        ("eve@gmail.com", State.EXCLUDED, {}),
    ]  # fmt: skip
    with working_in(kettle):
        for address, state, facts in rows:
            Delivery.objects.create(
                message=campaign.message,
                contact=make_contact(f"Zz{address.partition('@')[0]} Q", address),
                address=address,
                state=state,
                **facts,
            )


def test_each_providers_numbers_lead_to_just_those_people(as_ada, kettle, campaign, taken):
    page = as_ada.get(f"{C}{campaign.pk}/").text
    links = re.findall(r'href="([^"]*\?email=\d+-\w+@\w+)">(\d+)</a>', page)

    assert {link.rpartition("-")[2]: int(count) for link, count in links} == {
        "sent@google": 1, "deferred@google": 1, "bounced@google": 0, "opened@google": 1,
        "sent@gmx": 1, "deferred@gmx": 0, "bounced@gmx": 1, "opened@gmx": 0,
        "sent@others": 1, "deferred@others": 0, "bounced@others": 0, "opened@others": 0,
    }  # fmt: skip
    for link, count in links:
        people = as_ada.get(link).text
        with working_in(kettle):
            names = list(Contact.objects.values_list("name", flat=True))
        assert sum(name in people for name in names) == int(count), link
    assert (
        "Zzann" in as_ada.get(f"/w/kettle/contacts/?email={campaign.pk}-sent@nobody").text
    )  # no such narrowing: everybody


def test_looking_again_each_two_seconds_asks_for_the_counts_alone(
    as_ada, kettle, campaign, taken, django_assert_max_num_queries
):
    address = f"{C}{campaign.pk}/"
    as_ada.get(address, headers={"HX-Request": "true"})
    with django_assert_max_num_queries(60) as whole:
        as_ada.get(address)
    count = len(whole)
    with django_assert_max_num_queries(60) as part:
        as_ada.get(address, headers={"HX-Request": "true"})
    assert len(part) <= count - 5  # no reasons, links, orders, providers, by day


@pytest.mark.parametrize(
    ("people", "pace", "left"), [(90, 3.0, 30), (0, 3.0, None), (90, 0.0, None), (-4, 3.0, None), (10, 0.02, 500)]
)
def test_how_long_it_takes(people, pace, left):
    assert time_left(people, pace) == (timedelta(seconds=left) if left else None)
