"""Machines hear that a campaign has gone out, or that it was cancelled; once, and of nothing else."""

import pytest

from campaigns.planning import plan_due
from delivery.controlling import approve, cancel, schedule
from tests.factories.campaigns import again, make_campaign, make_message, make_sender
from tests.factories.contacts import make_reader
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


def test_what_is_no_campaign_is_not_told(inside, ada):
    message = make_message(make_sender())
    message.campaigns.all().delete()
    approve(message, by=ada)

    cancel(message, by=ada)

    assert told() == []
