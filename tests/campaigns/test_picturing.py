"""The pictures of a campaign's page: what each step of its funnel is a share of."""

import pytest

from campaigns.reporting import results_of
from campaigns.views import picturing
from lib.charts.steps import draw_funnel
from lib.clock import now
from tests.factories.campaigns import make_campaign, make_sender

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("is_measured", [True, False])
def test_orders_are_a_share_of_those_it_was_sent_to(inside, monkeypatch, is_measured):
    monkeypatch.setattr(picturing, "_knows_orders", lambda: True)
    campaign = make_campaign(make_sender())
    figures = results_of(campaign).figures

    steps = picturing._steps(campaign, figures, {"reached_ordered": 7}, is_measured=is_measured)

    bases = {at: one[3] for at, one in enumerate(steps) if len(one) > 3}
    drawn = draw_funnel([(str(one[0]), one[1]) for one in steps], bases)
    assert (drawn[-1].label, drawn[-1].of) == ("Ordered within 72 h", "Sent")
    assert not any(one.of for one in drawn[:-1])


@pytest.mark.parametrize(("held", "is_odd"), [(560, False), (400, True), (720, True)])
def test_a_split_is_as_planned_when_all_control_groups_of_an_offer_are(inside, held, is_odd):
    campaign = make_campaign(make_sender())
    campaign.message.holdouts = [["programme-1", 2_000], ["everything", 1_000]]  # 28 in 100: some are in both
    campaign.message.planned_count, campaign.message.held_count = 2_000, held
    counted = {"reached": 2_000 - held, "reached_ordered": 90, "held": held, "held_ordered": 9, "verdict_at": now()}

    assert picturing._compared(campaign, counted)["split_is_odd"] is is_odd
