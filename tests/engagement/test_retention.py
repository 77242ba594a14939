from datetime import timedelta

import pytest

from engagement.retention import worth_of_retention
from lib.clock import now
from tests.factories.contacts import make_contact
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for

pytestmark = pytest.mark.usefixtures("inside")
COHORTS = [("May", 100, [20, 18, 30, 5]), ("June", 60, [20, 10, 20, None]), ("July", 80, [9, None, None, None])]


def buy(*values: int) -> None:
    contact = make_contact()
    facts = [
        Fact("purchase", f"o{n}", now() - timedelta(days=n + 1), contact_id=contact.pk, value_minor=one, currency="EUR")
        for n, one in enumerate(values)
    ]
    record(facts, source=source_for("shop", "Shop"))


def test_five_points_more_are_worth_that_many_baskets_a_year():
    buy(2_000, 4_000)

    found = worth_of_retention(COHORTS)

    assert found["share"] == (100 * 30 + 60 * 20) / 160
    assert found["basket"] == 30
    assert found["worth"] == 1_400  # 5 % of (240 / 3 × 12 = 960 buyers a year) × 30 = 1,440, to two figures
    assert (found["points"], found["currency"]) == (5, "EUR")


@pytest.mark.parametrize("cohorts", [[], [("May", 29, [20, 18, 30])], [("May", 400, [20, 18, None])]])
def test_too_few_say_nothing(cohorts):
    buy(2_000)

    assert worth_of_retention(cohorts) is None


def test_nobody_bought_and_nothing_is_promised():
    assert worth_of_retention(COHORTS) is None


def test_thirty_buyers_are_enough():
    buy(2_000)

    assert worth_of_retention([("May", 30, [20, 18, 30])])["share"] == 30
