"""Machines hear that a campaign has gone out, or that it was cancelled; once, and of nothing else."""

import pytest

from campaigns.experiments.deciding import decide, end_test
from campaigns.experiments.going_together import cancel_all
from campaigns.planning import plan_due
from delivery.engine.controlling import approve, cancel, schedule
from delivery.engine.finishing import close_when_done
from delivery.models import Delivery, RecipientChunk
from tests.factories.campaigns import again, make_campaign, make_message, make_sender
from tests.factories.contacts import make_reader
from tests.factories.experiments import all_versions, gone_out, it_of, with_test
from workspaces.models import Event


def told() -> list[tuple[str, dict]]:
    return list(Event.objects.filter(type__startswith="campaign.").order_by("pk").values_list("type", "data"))


@pytest.mark.parametrize("people", [3, 0])
def test_a_campaign_that_has_gone_out(send, sender, people):
    for _ in range(people):
        make_reader()

    campaign = send(make_campaign(sender))

    assert campaign.message.state == "sent"
    assert told() == [("campaign.sent", {"campaign_id": campaign.pk, "message_id": campaign.message_id})]


def test_one_that_was_cancelled(inside, ada):
    make_reader()
    campaign = make_campaign(make_sender())
    schedule(approve(campaign.message, by=ada), by=ada)
    plan_due(inside)

    cancel(again(campaign).message, by=ada)

    assert [kind for kind, _data in told()] == ["campaign.cancelled"]


@pytest.fixture
def tested(inside):
    """Its two versions are sending."""
    for _ in range(9):
        make_reader()
    return gone_out(with_test(make_campaign(make_sender()), test_percent=100), inside)


def ended(campaign) -> None:
    """All that waits of each version has its word."""
    for chunk in RecipientChunk.objects.filter(is_done=False):
        for pk in chunk.contact_ids:
            Delivery.objects.create(message_id=chunk.message_id, contact_id=pk, state=Delivery.State.SENT)
    RecipientChunk.objects.update(is_done=True)
    for version in all_versions(campaign):
        close_when_done(version.message)


def test_a_tested_campaign_is_told_once_when_the_test_is_over_too(tested):
    ended(tested)
    assert told() == []

    decide(it_of(tested), 1, by=None)

    assert told() == [("campaign.sent", {"campaign_id": tested.pk, "message_id": tested.message_id})]


def test_the_rest_of_a_test_goes_out_before_it_is_told(tested):
    ended(tested)
    make_reader()
    decide(it_of(tested), 1, by=None)
    assert told() == []

    ended(tested)

    assert told() == [("campaign.sent", {"campaign_id": tested.pk, "message_id": tested.message_id})]


@pytest.mark.parametrize(("is_sent", "kind"), [(False, "campaign.cancelled"), (True, "campaign.sent")])
def test_a_tested_campaign_that_is_cancelled_is_told_once(tested, is_sent, kind):
    if is_sent:
        ended(tested)

    cancel_all(again(tested), by=None)

    assert told() == [(kind, {"campaign_id": tested.pk, "message_id": tested.message_id})]


def test_a_test_that_is_ended_is_told_once(tested):
    end_test(it_of(tested), by=None)
    assert told() == []

    ended(tested)

    assert [kind for kind, _data in told()] == ["campaign.sent"]


def test_what_is_no_campaign_is_not_told(inside, ada):
    message = make_message(make_sender())
    message.campaigns.all().delete()
    approve(message, by=ada)

    cancel(message, by=ada)

    assert told() == []
