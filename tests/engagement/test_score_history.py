"""The line beside each bar is what the score was, week by week."""

from datetime import timedelta

import pytest
import time_machine

from engagement.reading import shown_for
from engagement.score_history import WEEKS, four_by_week
from lib.clock import now
from tests.factories.contacts import make_contact
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for

pytestmark = pytest.mark.usefixtures("inside")


def test_each_week_is_what_the_score_was_then():
    contact = make_contact()
    source, moment = source_for("shop", "Shop"), now()
    seen = []
    for back in range(WEEKS, -1, -1):
        with time_machine.travel(moment - timedelta(weeks=back), tick=False):
            facts = [
                Fact("purchase", f"o{back}", contact_id=contact.pk, value_minor=2_900, currency="EUR"),
                Fact("message", f"m{back}", contact_id=contact.pk, sentiment_milli=-400 if back % 3 else 900),
            ]
            record(facts[: 1 + back % 2], source=source)
            shown = shown_for([contact.pk])[contact.pk]
            seen.append((shown.involvement, shown.interaction, shown.intimacy, shown.influence))

    with time_machine.travel(moment, tick=False):
        weeks = four_by_week(contact.pk)

    assert list(weeks) == ["involvement", "interaction", "intimacy", "influence"]
    for number, name in enumerate(weeks):
        assert weeks[name] == pytest.approx([one[number] for one in seen], abs=1e-6), name


def test_who_has_no_score_has_no_line():
    assert four_by_week(make_contact().pk) == {}
