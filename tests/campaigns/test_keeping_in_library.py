"""An email kept in the library: its page for anybody, what stands on it, who is shown it, who is not."""

from datetime import timedelta

import pytest

from campaigns.composing import compose
from campaigns.keeping_in_library import NotKeptError, keep_in_library
from campaigns.models import Campaign
from contacts.models import Contact
from delivery.drafting import change_email
from delivery.engine.controlling import approve, schedule
from delivery.models import Delivery
from delivery.received import who_got
from emails.library.picking import picks_for
from emails.models import HostedEmail, LibraryItem
from lib.clock import now
from tests.emails.making import made
from tests.factories.campaigns import again, make_campaign, make_sender, planned
from tests.factories.contacts import make_reader
from tests.factories.library import make_picks_campaign
from tests.machines import machine_of
from workspaces.current import working_in

BLOCKS = (
    {"kind": "heading", "text": 'Hello {{ contact.first_name | default: "you" }}'},
    {"kind": "text", "html": '<p>The <a href="https://kettle.example/box">box</a>.</p>', "tags": ["Oolong"]},
    {"kind": "text", "html": "<p>Only for friends</p>", "when": {"all": [{"field": {"name": "city", "is": "Ulm"}}]}},
)


@pytest.fixture
def sent(kettle):
    """An email of blocks that is on its way to one reader."""
    kettle.postal_address = "Tea Street 1, Ulm"
    kettle.save()
    with working_in(kettle):
        make_reader("Greta Grün", email="greta@tea.example")
        campaign = make_campaign(make_sender(), subject="Slow water", preheader="Four minutes", adds_utm=True)
        change_email(campaign.message.content, made(*BLOCKS), based_on=1)
        return planned(again(campaign))


def page_of(item):
    return "/" + item.url.split("/", 3)[3]


def test_a_sent_email_has_a_page_for_anybody_and_a_place_in_the_library(as_ada, client, kettle, sent):
    here = f"/w/kettle/campaigns/{sent.pk}/library/"
    asked = as_ada.get(here)
    said = as_ada.post(here, {"title": "Slow water, kept", "teaser": "Four minutes", "interests": "Oolong, cups"})

    assert 'value="Slow water"' in asked.text
    assert 'value="Oolong"' in asked.text
    with working_in(kettle):
        item = LibraryItem.objects.get()
        assert (said.status_code, said.url) == (302, f"/w/kettle/emails/library/{item.pk}/")
        assert (item.kind, item.title, item.message_id) == ("email", "Slow water, kept", sent.message_id)
        assert item.published_at == sent.message.planned_at
    client.logout()
    page = client.get(page_of(item))
    assert page.status_code == 200
    assert "Hello you" in page.text
    assert 'href="https://kettle.example/box"' in page.text
    assert "<title>Slow water</title>" in page.text
    assert "Tea Street 1, Ulm" in page.text
    for nothing_of in ("Only for friends", "Greta", "Unsubscribe", "/c/", "/o/", "/u/", "utm_", "<script"):
        assert nothing_of not in page.text
    assert "script-src" not in page["Content-Security-Policy"]
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert not page.cookies


@pytest.mark.parametrize("key", ["nobody", "x" * 500, "ü"])
def test_an_address_that_leads_nowhere_is_told_so(client, kettle, sent, key):
    assert client.get(f"/e/{kettle.pk}/{key}/").status_code == 404
    assert client.get(f"/e/999999999999999999999/{key}/").status_code == 404


def test_the_page_of_one_workspace_is_not_found_under_another(client, kettle, rival, sent):
    with working_in(kettle):
        keep_in_library(sent, kettle, by=None)
        key = HostedEmail.objects.get().key

    assert client.get(f"/e/{kettle.pk}/{key}/").status_code == 200
    assert client.get(f"/e/{rival.pk}/{key}/").status_code == 404


def test_kept_again_it_is_one_thing_at_one_address(kettle, sent):
    with working_in(kettle):
        first = keep_in_library(sent, kettle, by=None, title="One")
        second = keep_in_library(sent, kettle, by=None, teaser="Two")

        assert (first.pk, first.url) == (second.pk, second.url)
        assert (second.title, second.teaser, len(second.tags)) == ("One", "Two", 1)
        assert HostedEmail.objects.count() == 1


@pytest.mark.parametrize("step", ["cancel", "take-back"])
def test_what_nobody_got_leaves_the_library_with_its_page(as_ada, client, kettle, step):
    with working_in(kettle):
        make_reader("Greta Grün", email="greta@tea.example")
        campaign = make_campaign(make_sender(), body="Hello")
        approve(campaign.message, by=None)
        schedule(campaign.message, now() + timedelta(days=2), by=None)
        item = keep_in_library(again(campaign), kettle, by=None)

    as_ada.post(f"/w/kettle/campaigns/{campaign.pk}/{step}/")

    with working_in(kettle):
        assert (LibraryItem.objects.count(), HostedEmail.objects.count()) == (0, 0)
    client.logout()
    assert client.get(page_of(item)).status_code == 404


def test_what_some_got_before_it_was_cancelled_stays_in_the_library(as_ada, kettle, sent):
    with working_in(kettle):
        item = keep_in_library(sent, kettle, by=None)

    as_ada.post(f"/w/kettle/campaigns/{sent.pk}/cancel/")

    with working_in(kettle):
        assert (again(sent).message.state, LibraryItem.objects.get()) == ("cancelled", item)


def test_a_draft_is_not_kept(as_ada, kettle):
    with working_in(kettle):
        draft = make_campaign(make_sender())
        with pytest.raises(NotKeptError):
            keep_in_library(draft, kettle, by=None)

    said = as_ada.get(f"/w/kettle/campaigns/{draft.pk}/library/")
    assert (said.status_code, said.url) == (302, f"/w/kettle/campaigns/{draft.pk}/")
    assert "Only an email that went out" in as_ada.get(f"/w/kettle/campaigns/{draft.pk}/").text
    assert f"campaigns/{draft.pk}/library/" not in as_ada.get(f"/w/kettle/campaigns/{draft.pk}/").text


@pytest.mark.parametrize(
    ("body", "why"),
    [("Hi {{ contact.city }}", "contact.city"), ("{{ offer.spring }}", "code of an offer")],
)
def test_what_anybody_cannot_be_shown_is_not_kept_and_it_says_why(kettle, body, why):
    with working_in(kettle):
        campaign = make_campaign(make_sender(), body=body)
        campaign.message.state, campaign.message.planned_at = "sent", now()
        campaign.message.save()

        with pytest.raises(NotKeptError, match=why):
            keep_in_library(campaign, kettle, by=None)
        assert not LibraryItem.objects.exists()
        assert not HostedEmail.objects.exists()


def test_one_that_waits_is_shown_from_its_moment_and_goes_when_it_is_taken_back(as_ada, kettle):
    with working_in(kettle):
        campaign = make_campaign(make_sender())
        at = now() + timedelta(hours=5)
        schedule(approve(campaign.message, by=None), at, by=None)
        item = keep_in_library(again(campaign), kettle, by=None)
        assert item.published_at == at

    as_ada.post(f"/w/kettle/campaigns/{campaign.pk}/take-back/")

    with working_in(kettle):
        assert Campaign.objects.get().message.state == "draft"
        assert not LibraryItem.objects.exists()
        assert not HostedEmail.objects.exists()


def test_three_for_her_shows_it_to_whoever_did_not_get_it_and_never_to_itself(kettle, sent):
    with working_in(kettle):
        item = keep_in_library(sent, kettle, by=None)
        LibraryItem.objects.update(published_at=now())
        greta = Contact.objects.get(email="greta@tea.example").pk
        nora = make_reader("Nora Neu", email="nora@tea.example").pk
        newsletter = make_picks_campaign(make_sender())
        blocks = newsletter.message.content.blocks
        before = picks_for(blocks, [greta, nora], got=who_got)
        Delivery.objects.create(
            message=sent.message, contact_id=greta, state=Delivery.State.SENT, address="g@tea.example"
        )
        after = picks_for(blocks, [greta, nora], got=who_got)
        itself = picks_for(blocks, [nora], got=who_got, message_id=sent.message_id)

    shown = {who: [one["item"] for block in found.values() for one in block] for who, found in before.items()}
    assert shown == {greta: [item.pk], nora: [item.pk]}
    assert {who: bool(found) for who, found in after.items()} == {greta: False, nora: True}
    assert itself == {nora: {}}


def test_machines_keep_an_email_too(kettle, sent):
    machine = machine_of(kettle)
    here = f"/campaigns/{sent.pk}/library-item"

    assert machine.get(here).status_code == 404
    made_ = machine.call("PUT", here, {"interests": ["Cups"], "teaser": "Short"})
    assert (made_.status_code, made_.json()["title"], made_.json()["interests"]) == (200, "Slow water", ["Cups"])
    assert machine.get(here).json() == made_.json()
    with working_in(kettle):
        draft = compose(name="Draft", subject="x", body="x")
    assert machine.call("PUT", f"/campaigns/{draft.pk}/library-item", {}).status_code == 409
    assert machine.call("PUT", here, {"interests": ["a"] * 13}).status_code == 422
