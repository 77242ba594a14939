"""Two who build the same email see each other; nobody else does, and whoever has left is not seen."""

import pytest
from django.core.cache import cache
from django.test import Client

from tests.factories.campaigns import make_campaign, make_sender
from workspaces.current import working_in


@pytest.fixture
def campaign(kettle):
    """A draft."""
    with working_in(kettle):
        return make_campaign(make_sender())


@pytest.fixture
def as_bob(bob):
    """A browser in which Bob is logged in."""
    browser = Client()
    browser.force_login(bob)
    return browser


def look(browser, campaign, **said):
    """What the open page asks each five seconds."""
    return browser.get(where(campaign), said)


def where(campaign) -> str:
    return f"/w/kettle/campaigns/{campaign.pk}/email/here/"


def test_two_at_the_same_email_see_each_other_and_who_writes(as_ada, as_bob, campaign):
    assert look(as_ada, campaign).status_code == 204  # alone
    bob_sees = look(as_bob, campaign)
    ada_sees = look(as_ada, campaign, writes="1")
    then = look(as_bob, campaign, others=bob_sees.context["others_stamp"])

    assert "Ada Berg is here, too" in bob_sees.text
    assert "Bob Marsh is here, too" in ada_sees.text
    assert "Ada Berg is writing here, too" in then.text
    assert look(as_bob, campaign, others=then.context["others_stamp"]).status_code == 204


def test_who_left_is_not_seen_any_more(as_ada, as_bob, campaign):
    look(as_ada, campaign)
    stamp = look(as_bob, campaign).context["others_stamp"]

    assert as_ada.post(where(campaign)).status_code == 204
    after = look(as_bob, campaign, others=stamp)

    assert (after.status_code, "Ada Berg" in after.text) == (200, False)


def test_who_says_nothing_for_a_while_is_not_seen_either(as_ada, as_bob, campaign):
    look(as_ada, campaign)
    stamp = look(as_bob, campaign).context["others_stamp"]
    cache.clear()  # as after twelve seconds without a word

    assert "Ada Berg" not in look(as_bob, campaign, others=stamp).text


def test_another_email_and_the_inbox_are_other_places(as_ada, as_bob, campaign, kettle):
    with working_in(kettle):
        other = make_campaign(make_sender())
    look(as_ada, campaign)

    assert look(as_bob, other).status_code == 204


def test_a_stranger_and_who_may_not_write_emails_see_nobody(as_eve, member, as_ada, campaign):
    look(as_ada, campaign)

    assert look(as_eve, campaign).status_code == 404
    assert look(member("analyst"), campaign).status_code == 403
    assert as_ada.get("/w/kettle/campaigns/99999/email/here/").status_code == 404
