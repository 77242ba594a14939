"""The check before approval is a proof: what it counts is what planning and sending do, person by person."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from campaigns.checking.looking import check_campaign
from campaigns.models import Campaign
from campaigns.planning import plan_due
from campaigns.reporting import REASONS
from consent.consenting import withdraw_consent
from contacts.models import Contact
from delivery.engine.controlling import approve, schedule
from delivery.engine.sending import send_due
from delivery.models import Delivery, Message
from tests.factories.campaigns import make_campaign, make_programme, make_sender
from tests.factories.contacts import letter, make_contact, make_reader
from workspaces.current import working_in
from workspaces.models import User

State = Delivery.State


def zone_where_it_is(hour: int) -> str:
    """A zone in whose clock it is this hour now. Time is real here: the database's clock decides when who waits is due."""
    ahead = (hour - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}"  # the signs of these zones are the other way round


@pytest.fixture
def audience(kettle):
    """Twenty who may get it, four of them in their night; one who said no, one without an address, two with one."""
    kettle.postal_address = "Lindenallee 8"
    kettle.save()
    with working_in(kettle):
        for number in range(20):
            make_reader(f"R{number}", zone=zone_where_it_is(2 if number < 4 else 13))
        no, twin = make_reader("No", zone=zone_where_it_is(13)), make_reader("Twin", zone=zone_where_it_is(13))
        withdraw_consent(no, topic=letter(), source="page")
        Contact.objects.filter(pk=twin.pk).update(email=Contact.objects.get(name="R9").email)
        make_contact("Nameless", "")
        make_contact("Never asked")


@pytest.mark.parametrize(("purpose", "holdout"), [("marketing", 30), ("marketing", 0), ("subscribed", 0)])
def test_what_the_check_counts_is_what_is_sent(audience, kettle, ada, post, purpose, holdout):
    with working_in(kettle):
        made = make_campaign(make_sender(port=post.port), programme=make_programme(), purpose=purpose)
        campaign = Campaign.objects.select_related("message", "segment", "programme").get(pk=made.pk)
        campaign.message.holdouts = [["x", holdout * 100]] if holdout else []
        campaign.message.save()
        check = check_campaign(campaign, kettle)
        assert check.blocks == []
        approve(campaign.message, by=User.objects.get(pk=ada.pk))
        schedule(Message.objects.get(pk=campaign.message_id), None, by=ada)
    plan_due(kettle)
    send_due(kettle)
    with working_in(kettle):
        done = Counter(Delivery.objects.values_list("state", "reason"))

    excluded = {str(REASONS[reason]): n for (state, reason), n in done.items() if state == State.EXCLUDED}
    assert {row["text"]: row["count"] for row in check.reasons} == excluded
    assert check.at_once == sum(n for (state, _r), n in done.items() if state == State.SENT)
    assert check.later == done[State.DEFERRED, "quiet"]
    assert check.people == sum(done.values())
    if not holdout:  # a draw may take all four of those who sleep
        assert check.later == (4 if purpose == "marketing" else 0)


def test_who_sleeps_is_not_promised_for_now(audience, kettle, as_ada, post):
    with working_in(kettle):
        campaign = make_campaign(make_sender(port=post.port), programme=make_programme(), purpose="marketing")

    page = as_ada.get(f"/w/kettle/campaigns/{campaign.pk}/").text

    assert "16 at once, 4 at 8 o’clock where they are: it is night there." in page
    assert "Night at their place" not in page
