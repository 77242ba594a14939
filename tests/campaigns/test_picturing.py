"""The pictures of a campaign's page: what each step of its funnel is a share of."""

import pytest

from campaigns.reporting import results_of
from campaigns.views import picturing
from lib.charts.steps import draw_funnel
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
