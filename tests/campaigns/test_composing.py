"""Keeping a campaign: what two write at once stays, its words are counted, and limits reach whoever may still get it."""

import pytest

from campaigns.composing import compose, follow_programme, set_workspace_holdout
from delivery.models import Content, Message
from tests.factories.campaigns import again, make_campaign, make_programme, make_sender
from tests.factories.contacts import make_reader
from workspaces.current import working_in


def test_two_who_change_different_parts_both_keep_theirs(inside):
    campaign = make_campaign(make_sender())
    one, other = again(campaign), again(campaign)

    compose(one, subject="From one")
    compose(other, name="From the other")

    kept = again(campaign)
    assert (kept.message.content.subject, kept.name) == ("From one", "From the other")


def test_a_state_that_changed_meanwhile_stays(inside):
    campaign = again(make_campaign(make_sender()))
    Message.objects.filter(pk=campaign.message_id).update(state="approved")

    compose(campaign, holdout_percent=5)

    assert again(campaign).message.state == "approved"


def test_the_version_counts_changes_of_the_words(inside):
    campaign = make_campaign(make_sender())
    for facts, version in (({"body": "New"}, 2), ({"body": "New"}, 2), ({"name": "x"}, 2), ({"subject": "S"}, 3)):
        compose(campaign, **facts)
        assert again(campaign).message.content.version == version


@pytest.mark.parametrize("state", ["draft", "standing", "sent"])
def test_a_holdout_reaches_offers_that_may_still_get_people(inside, state):
    programme = make_programme()
    campaign = make_campaign(make_sender(), programme=programme, purpose="marketing")
    if state != "draft":
        facts = {"planned_at": campaign.created_at, "is_standing": state == "standing", "state": "sending"}
        Message.objects.filter(pk=campaign.message_id).update(**facts)
    programme.holdout_percent = 20
    programme.save()

    follow_programme(programme)
    set_workspace_holdout(5)

    wanted = [] if state == "sent" else [[f"programme-{programme.pk}", 2000], ["everything", 500]]
    assert again(campaign).message.holdouts == wanted


def test_what_was_changed_after_the_approver_looked_is_not_approved(as_ada, kettle):
    kettle.postal_address = "Lindenallee 8"
    kettle.save()
    with working_in(kettle):
        make_reader()
        campaign = make_campaign(make_sender())
        seen = again(campaign).message.content.version
    here = f"/w/kettle/campaigns/{campaign.pk}/"
    assert f'name="version" value="{seen}"' in as_ada.get(here).text
    with working_in(kettle):
        compose(again(campaign), body="Other words [x](https://kettle.example)")

    page = as_ada.post(f"{here}approve/", {"version": seen}, follow=True)

    assert "It was changed meanwhile." in page.text
    with working_in(kettle):
        assert again(campaign).message.state == "draft"
        version = Content.objects.get(pk=campaign.message.content_id).version
    as_ada.post(f"{here}approve/", {"version": version})
    with working_in(kettle):
        assert again(campaign).message.state == "approved"
