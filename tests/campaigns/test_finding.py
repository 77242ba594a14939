"""Which campaigns address a person now, as the card beside a conversation says it."""

from datetime import timedelta

from campaigns.finding import campaigns_of
from campaigns.models import Campaign, StandingCampaign, StandingEntry
from contacts.merging import link_contacts
from delivery.engine.controlling import approve, cancel, schedule
from delivery.models import Delivery, Message
from lib.clock import now
from segments.members.membership import refresh
from tests.conftest import join, make_user
from tests.factories.campaigns import again, make_campaign, make_sender
from tests.factories.contacts import make_contact, make_reader
from tests.factories.social import make_mention
from workspaces.current import working_in
from workspaces.models import Role

State = Delivery.State


def coming(name, at, *, sender):
    campaign = make_campaign(sender, name=name)
    refresh(campaign.segment)
    schedule(approve(campaign.message, by=None), at, by=None)
    return again(campaign)


def delivered(campaign, person, state=State.SENT, ago=timedelta(days=3)):
    at = now() - ago
    return Delivery.objects.create(
        message=campaign.message, contact=person, state=state, queued_at=at, sent_at=at if state == State.SENT else None
    )


def said(person):
    return [(one.name, one.state, one.at) for one in campaigns_of(person)]


def test_what_goes_out_comes_first_then_what_comes_then_what_they_got(inside):
    ann, sender, at = make_reader(), make_sender(), now() + timedelta(days=2)
    coming("Advent", at, sender=sender)
    got = delivered(make_campaign(sender, name="Spring"), ann)
    latest = delivered(make_campaign(sender, name="Summer"), ann, ago=timedelta(days=1))
    delivered(make_campaign(sender, name="Now"), ann, State.QUEUED, timedelta(minutes=1))
    delivered(make_campaign(sender, name="Long ago"), ann, ago=timedelta(days=15))
    for name, state in (("Refused", State.FAILED), ("Spared", State.EXCLUDED), ("Unsure", State.IN_DOUBT)):
        delivered(make_campaign(sender, name=name), ann, state)

    assert said(ann) == [
        ("Now", "goes", None), ("Advent", "comes", at), ("Summer", "got", latest.sent_at), ("Spring", "got", got.sent_at),
    ]  # fmt: skip
    assert campaigns_of(make_contact("Nobody asked")) == []


def test_who_left_the_segment_and_whom_it_passed_over_are_not_in_it(inside):
    ann, ben, sender = make_reader(), make_reader(), make_sender()
    campaign = coming("Advent", now() + timedelta(days=2), sender=sender)
    assert [one for one, *_more in said(ann)] == ["Advent"]

    delivered(campaign, ann, State.EXCLUDED)
    campaign.segment.members.filter(contact=ben).delete()

    assert (said(ann), said(ben)) == ([], [])
    cancel(campaign.message, by=None)


def test_of_a_test_its_campaign_is_named_and_of_one_person_once(inside):
    ann, other, sender = make_reader(), make_contact("Ann once more"), make_sender()
    first = make_campaign(sender, name="Tea")
    second = make_campaign(sender, name="Tea B")
    Campaign.objects.filter(pk=second.pk).update(variant_of=first, variant=1)
    delivered(second, other)
    link_contacts(other.pk, ann.pk)

    assert [(one.pk, one.name) for one in campaigns_of(ann)] == [(first.pk, "Tea")]


def test_whose_moment_came_is_told_when_it_goes(inside):
    ann, at = make_reader(), now() + timedelta(hours=3)
    campaign = make_campaign(make_sender(), name="Welcome")
    Message.objects.filter(pk=campaign.message_id).update(is_standing=True)
    standing = StandingCampaign.objects.create(campaign=campaign, started_at=now())
    StandingEntry.objects.create(standing=standing, contact=ann, due_at=at)

    assert said(ann) == [("Welcome", "comes", at)]
    StandingCampaign.objects.update(ended_at=now())
    assert said(ann) == []


def test_the_card_beside_a_conversation_says_it_to_whoever_sees_campaigns(client, kettle, ada):
    with working_in(kettle):
        ann, row = make_reader("Ann Bell"), make_mention("Does it drip?")
        row.author.contact = ann
        row.author.save()
        coming("Advent letter", now() + timedelta(days=2), sender=make_sender())
        delivered(make_campaign(make_sender(), name="Spring letter"), ann)
    analyst = join(kettle, make_user("analyst@kettle.example", "Ines"), Role.ANALYST)

    for member in (ada, analyst):
        client.force_login(member)
        page = client.get(f"/w/kettle/inbox/{row.conversation_id}/").text
        card = page[page.index('id="campaigns-of-person"') :]
        assert ("Advent letter" in card, "Spring letter" in card, "got it 3 d" in card) == (True, True, True)
