"""A campaign at half past two in the night in which the clocks change: it says what happens, and that happens."""

from datetime import UTC, datetime

import pytest
import time_machine

from campaigns.models import Campaign
from campaigns.planning import plan_due
from delivery.engine.controlling import approve
from delivery.models import Message, RecipientChunk
from tests.factories.campaigns import make_campaign, make_sender
from tests.factories.contacts import make_reader
from workspaces.current import working_in
from workspaces.models import User, Workspace

ZONES = ("Europe/Berlin", "Europe/Lisbon", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "")


@pytest.fixture
def berlin(kettle, ada):
    """Kettle lives in Berlin, and so does Ada."""
    Workspace.objects.filter(pk=kettle.pk).update(zone="Europe/Berlin")
    User.objects.filter(pk=ada.pk).update(zone="")
    kettle.refresh_from_db()
    return kettle


@pytest.fixture
def approved(berlin, ada):
    """A campaign to one person in each of several zones."""
    with working_in(berlin):
        people = {make_reader(zone=zone).pk: zone for zone in ZONES}
        campaign = make_campaign(make_sender())
        approve(campaign.message, by=ada)
    return campaign, people


@pytest.fixture
def schedule(client, ada, approved):
    """Choose a moment on the page; its answer, or the page it leads to."""

    def choose(**given):
        client.force_login(ada)  # now: a session of another year has ended
        return client.post(f"/w/kettle/campaigns/{approved[0].pk}/schedule/", given, follow=True)

    return choose


def moments(workspace, people) -> dict[str, str]:
    """Zone → when its person may have it, in UTC."""
    with working_in(workspace):
        chunks = list(RecipientChunk.objects.all())
    return {
        people[one]: f"{chunk.not_before.astimezone(UTC):%d %H:%M}" for chunk in chunks for one in chunk.contact_ids
    }


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_time_that_does_not_exist_is_refused_in_our_words(berlin, approved, schedule):
    _campaign, _people = approved

    with time_machine.travel(at("2027-03-20 12:00"), tick=False):
        answer = schedule(at="2027-03-28T02:30")

    assert answer.status_code == 422
    assert "02:30 does not exist on 28 March: that night the clocks go forward to 03:00." in answer.text
    assert "interpreted in time zone" not in answer.text


def test_by_their_clocks_it_goes_at_the_first_moment_after_the_gap(berlin, approved, schedule):
    _campaign, people = approved

    with time_machine.travel(at("2027-03-20 12:00"), tick=False):
        page = schedule(at="2027-03-28T02:30", by_zone="on").text
    with time_machine.travel(at("2027-03-27 12:31"), tick=False):  # the first clock on earth shows it
        plan_due(berlin)

    assert "people get it at the first moment after" in page
    assert "02:30" in page
    assert moments(berlin, people) == {
        "Europe/Berlin": "28 01:00",  # 03:00, there is no 02:30
        "Europe/Lisbon": "28 01:30",  # 02:30: there 01:00 is skipped
        "Asia/Tokyo": "27 17:30",
        "America/New_York": "28 06:30",
        "Australia/Lord_Howe": "27 15:30",
        "": "28 01:00",
    }


def test_a_gap_in_another_zone_only_is_no_hindrance_here(berlin, approved, schedule):
    _campaign, people = approved

    with time_machine.travel(at("2027-03-10 12:00"), tick=False):
        assert schedule(at="2027-03-14T02:30", by_zone="on").status_code == 200
    with time_machine.travel(at("2027-03-13 12:31"), tick=False):
        plan_due(berlin)

    found = moments(berlin, people)
    assert (found["Europe/Berlin"], found["America/New_York"]) == ("14 01:30", "14 07:00")


@pytest.mark.parametrize("by_zone", [{}, {"by_zone": "on"}])
def test_of_a_time_that_comes_twice_it_is_the_first(berlin, approved, schedule, by_zone):
    campaign, people = approved

    with time_machine.travel(at("2027-10-20 12:00"), tick=False):
        page = schedule(at="2027-10-31T02:30", **by_zone).text
        with working_in(berlin):
            message = Message.objects.get(pk=Campaign.objects.get(pk=campaign.pk).message_id)
            assert message.scheduled_at == at("2027-10-31 00:30")
    assert "02:30 comes twice on 31 October" in page
    if by_zone:
        with time_machine.travel(at("2027-10-30 12:31"), tick=False):
            plan_due(berlin)
        assert moments(berlin, people)["Europe/Berlin"] == "31 00:30"


def test_their_clocks_show_what_the_one_who_chose_it_saw(berlin, approved, schedule, ada):
    User.objects.filter(pk=ada.pk).update(zone="America/New_York")
    _campaign, people = approved

    with time_machine.travel(at("2027-06-20 12:00"), tick=False):
        page = schedule(at="2027-07-01T09:00", by_zone="on").text
    with time_machine.travel(at("2027-06-30 19:01"), tick=False):
        plan_due(berlin)

    assert "09:00" in page
    found = moments(berlin, people)
    assert (found["Europe/Berlin"], found["America/New_York"]) == ("01 07:00", "01 13:00")
