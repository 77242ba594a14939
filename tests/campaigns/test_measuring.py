"""What a programme and a campaign answer for is counted from the ledger as it stands now, corrections applied."""

from datetime import timedelta

import pytest

from campaigns.objectives import Metric, measure
from contacts.editing import add_role
from contacts.models import Audience
from lib.clock import now
from tests.factories.contacts import make_contact
from touchpoints.correcting import Change, Field, correct
from touchpoints.facts import Fact
from touchpoints.models import Touchpoint
from touchpoints.recording import record
from touchpoints.sources import source_for

pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def buyer():
    contact = make_contact()
    add_role(contact, Audience.CUSTOMER, by=None, source="the till")
    facts = [
        Fact(
            "purchase",
            f"order-{n}",
            now() - timedelta(days=n),
            contact_id=contact.pk,
            value_minor=2_500,
            currency="EUR",
        )
        for n in (1, 2)
    ]
    record(facts, source=source_for("shop", "Shop"))
    return contact


def measured(metric: str) -> float:
    return measure(metric, audience=Audience.CUSTOMER, days=28)


def test_a_refund_and_a_deletion_move_what_a_programme_answers_for(buyer):
    first, second = Touchpoint.objects.filter(contact_id=buyer.pk).order_by("occurred_at")
    assert (measured(Metric.VALUE), measured(Metric.PURCHASES)) == (50, 1)

    correct([Change(first.pk, Field.VALUE, 1_000)])
    assert measured(Metric.VALUE) == 35

    correct([Change(first.pk, Field.DELETED, 1), Change(second.pk, Field.DELETED, 1)])
    assert (measured(Metric.VALUE), measured(Metric.PURCHASES)) == (0, 0)
