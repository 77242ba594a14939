"""A campaign made of another one: a duplicate, and a follow-up to those who did not open or click."""

from datetime import timedelta

import pytest

from campaigns.copying import NothingToFollowError, duplicate, follow_up
from campaigns.models import Campaign, Experiment
from consent.models import Suppression
from consent.suppressing import suppress
from contacts.models import Contact
from delivery.engine.controlling import approve
from delivery.models import Delivery, Message
from emails.blocks.text import TextBlock
from emails.reading import new_id, write_blocks
from lib.clock import now
from segments.models import Segment
from segments.rules.counting import ids_fitting
from tests.factories.campaigns import again, make_campaign, make_sender
from tests.factories.contacts import make_reader
from tests.factories.experiments import with_test

C = "/w/kettle/campaigns/"


@pytest.fixture
def sent(inside):
    """Sent to four: one opened, one opened and clicked, two did neither; one of these two unsubscribed."""
    inside.postal_address = "Tea Street 1"
    inside.save()
    campaign = make_campaign(make_sender())
    at = now() - timedelta(days=2)
    for name, facts in (
        ("Opens", {"opened_at": at}),
        ("Clicks", {"opened_at": at, "clicked_at": at}),
        ("Nothing", {}),
        ("Left", {}),
    ):
        person = make_reader(name, email=f"{name.lower()}@post.example")
        Delivery.objects.create(
            message=campaign.message, contact=person, state=Delivery.State.SENT, sent_at=at, **facts
        )
    make_reader("Newcomer")
    suppress("left@post.example", reason=Suppression.Reason.OBJECTION)
    Message.objects.update(state="sent", planned_at=at, finished_at=at, planned_count=4)
    return again(campaign)


def names(segment: Segment) -> list[str]:
    return sorted(Contact.objects.filter(pk__in=ids_fitting(segment.rule)).values_list("name", flat=True))


@pytest.mark.parametrize(("did", "who"), [("clicked", ["Left", "Nothing", "Opens"]), ("opened", ["Left", "Nothing"])])
def test_a_follow_up_goes_to_those_who_got_it_and_did_not(sent, ada, did, who):
    made = follow_up(sent, did=did, by=ada)

    assert (made.name, made.message.state, names(made.segment)) == ("Follow-up: Spring letter", "draft", who)
    assert (made.message.content.body, made.message.sender_id) == (sent.message.content.body, sent.message.sender_id)
    assert made.message.content_id != sent.message.content_id


def test_a_follow_up_of_a_tested_campaign_goes_to_the_people_of_all_versions(inside, ada):
    campaign = with_test(make_campaign(make_sender()))
    at, second = now() - timedelta(days=2), campaign.versions.get().message
    for name, message, clicked in (
        ("Had A", campaign.message, None), ("Clicked A", campaign.message, at), ("Had B", second, None),
        ("Clicked B", second, at),
    ):  # fmt: skip
        Delivery.objects.create(
            message=message, contact=make_reader(name), state=Delivery.State.SENT, sent_at=at, clicked_at=clicked
        )
    Message.objects.update(state="sent", planned_at=at, finished_at=at, planned_count=2)
    Experiment.objects.update(state="decided", winner=1)

    made = follow_up(again(campaign), did="clicked", by=ada)

    assert names(made.segment) == ["Had A", "Had B"]
    assert follow_up(again(campaign), did="clicked", by=ada).segment == made.segment


def test_who_unsubscribed_since_gets_no_follow_up(as_ada, sent, ada):
    made = follow_up(sent, did="clicked", by=ada)

    check = as_ada.get(f"{C}{made.pk}/").context["check"]

    assert (check.people, check.reachable) == (3, 2)
    assert [one["code"] for one in check.reasons] == ["objection"]


def test_a_second_follow_up_goes_to_the_same_segment(sent, ada):
    first, second = follow_up(sent, did="clicked", by=ada), follow_up(sent, did="clicked", by=ada)

    assert (first.segment, Segment.objects.filter(name__startswith="Did not click").count()) == (second.segment, 1)
    Segment.objects.create(name="Did not open: Spring letter", rule={"all": []})
    assert follow_up(sent, did="opened", by=ada).segment.name == f"Did not open: Spring letter #{sent.pk}"


def test_nobody_is_followed_up_before_anybody_got_it(inside, ada):
    with pytest.raises(NothingToFollowError):
        follow_up(make_campaign(), did="clicked", by=ada)


def test_a_duplicate_is_a_draft_of_its_own(inside, ada):
    campaign = make_campaign(make_sender())
    approve(campaign.message, by=None)
    block = TextBlock(id=new_id(), html="<p>Hello</p>")
    content = again(campaign).message.content
    content.blocks, content.body_format = write_blocks([block]), "blocks"
    content.save()

    made = duplicate(again(campaign), by=ada)

    assert (made.name, made.message.state, made.message.approved_by_id) == ("Copy of Spring letter", "draft", None)
    assert (made.message.content.blocks, "Hello" in made.message.content.body) == (content.blocks, True)
    assert (made.segment_id, made.created_by_id) == (campaign.segment_id, ada.pk)
    assert Campaign.objects.count() == 2


def test_both_are_one_step_on_the_page_without_javascript(as_ada, sent):
    page = as_ada.get(f"{C}{sent.pk}/").text
    assert "Follow up those who did not click" in page

    made = as_ada.post(f"{C}{sent.pk}/follow-up/", {"did": "opened"})
    assert "Did not open: Spring letter" in as_ada.get(made["Location"]).text
    copy = as_ada.post(f"{C}{sent.pk}/duplicate/")
    assert "Copy of Spring letter" in as_ada.get(copy["Location"]).text
    assert as_ada.post(f"{C}{sent.pk}/follow-up/", {"did": "nonsense"}).status_code == 404
    draft = copy["Location"]
    assert "Nobody got this email yet" in as_ada.post(f"{draft}follow-up/", {"did": "clicked"}, follow=True).text
