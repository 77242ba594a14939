"""What a programme and a campaign answer for is counted from the ledger as it stands now, corrections applied."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from campaigns import objectives
from campaigns.models import Programme, ProgrammeFigure
from campaigns.objectives import Metric, history_of, measure, measure_due, rule_of, set_objective, unit_of
from consent.consenting import give_consent
from contacts.editing import add_role
from contacts.merging import link_contacts
from contacts.models import Audience
from engagement.models import Objective
from lib.clock import next_time_of_day, now
from tests.factories.contacts import letter, make_contact
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
    return measure(metric, rule_of(Programme(audience=Audience.CUSTOMER)), days=28, until=now())[0]


def test_a_refund_and_a_deletion_move_what_a_programme_answers_for(buyer):
    first, second = Touchpoint.objects.filter(contact_id=buyer.pk).order_by("occurred_at")
    assert (measured(Metric.VALUE), measured(Metric.PURCHASES)) == (50, 100)

    correct([Change(first.pk, Field.VALUE, 1_000)])
    assert measured(Metric.VALUE) == 35

    correct([Change(first.pk, Field.DELETED, 1), Change(second.pk, Field.DELETED, 1)])
    assert (measured(Metric.VALUE), measured(Metric.PURCHASES)) == (0, 0)


def buys(contact, key: str, ago: float, value: int = 2_000, kind: str = "purchase") -> None:
    fact = Fact(kind, key, now() - timedelta(days=ago), contact_id=contact.pk, value_minor=value, currency="EUR")
    record([fact], source=source_for("shop", "Shop"))


@pytest.fixture
def four():
    """Four customers; the first two asked for the newsletter."""
    people = [make_contact(f"P{n}", f"p{n}@people.example", roles=(Audience.CUSTOMER,)) for n in range(4)]
    for one in people[:2]:
        give_consent(one, topic=letter(), source="form")
    return people


def test_each_metric_has_its_unit_and_counts_people_once(four):
    first, second, third, _fourth = four
    buys(first, "a", 1), buys(first, "b", 2), buys(third, "c", 3, 6_000), buys(third, "d", 2, 1_000, kind="refund")
    talks = [
        Fact("message", "m", now() - timedelta(days=1), contact_id=first.pk, sentiment_milli=500),
        Fact("call", "n", now() - timedelta(days=1), contact_id=second.pk, sentiment_milli=-300),
        Fact("page", "o", now() - timedelta(days=1), contact_id=second.pk),
        Fact("page", "p", now() - timedelta(days=1), contact_id=second.pk, certainty=2),
        Fact("page", "q", now() - timedelta(days=29), contact_id=second.pk),
    ]
    record(talks, source=source_for("site", "Site"))

    assert {metric: measured(metric) for metric in Metric} == {
        Metric.VALUE: 22.5,  # (20 + 20 + 60 − 10) / 4
        Metric.PURCHASES: 50,
        Metric.USAGE: 25,
        Metric.INTERACTION: 25,
        Metric.PERCEPTION: 10,
    }
    assert unit_of(Objective(metric=Metric.VALUE, window_days=7)) == "EUR bought by each person in 7 days"
    assert unit_of(Objective(metric=Metric.PURCHASES)) == "% of people who bought in 28 days"


def test_a_programme_answers_for_those_it_reaches(four):
    buys(four[0], "a", 1), buys(four[3], "b", 1)

    def share(**more):
        return measure(Metric.PURCHASES, rule_of(Programme(audience=Audience.CUSTOMER, **more)), days=28, until=now())

    assert (share(), share(topic=letter())) == ((50, 4), (50, 2))
    assert measure(Metric.VALUE, rule_of(Programme(audience=Audience.CRITIC)), days=28, until=now()) == (0, 0)


def test_who_was_merged_counts_as_the_one_they_are(four):
    visitor = make_contact("", "")
    buys(visitor, "a", 1), buys(four[0], "b", 2)

    link_contacts(visitor.pk, four[0].pk)

    assert (measured(Metric.PURCHASES), measured(Metric.VALUE)) == (25, 10)


def test_figures_are_of_the_night_and_nobody_changes_them_by_looking(four, kettle, as_ada):
    programme = Programme.objects.create(name="Second pot", audience=Audience.CUSTOMER)
    for ago in (2, 30, 37):
        buys(four[0], f"o{ago}", ago)

    set_objective(programme, metric=Metric.PURCHASES, target=60, check_on=None)
    assert programme.objective.baseline is None
    with time_machine.travel(now() + timedelta(seconds=1), tick=False):
        again = measure_due(kettle)
    goal = Objective.objects.get()

    assert (goal.baseline, goal.current, goal.target) == (25, 25, 60)
    assert [one.value for one in history_of(programme, goal)] == [0] * 7 + [25] * 6
    assert again > now()
    buys(four[1], "late", 2)
    with time_machine.travel(now() + (next_time_of_day(kettle.zone, 0, 0) - now()) / 2, tick=False):
        as_ada.get(f"/w/kettle/programmes/{programme.pk}/")
        as_ada.get("/w/kettle/")
        measure_due(kettle)
    assert Objective.objects.get().current == 25
    with time_machine.travel(now() + timedelta(days=1), tick=False):
        measure_due(kettle)
    assert Objective.objects.get().current == 50
    assert ProgrammeFigure.objects.count() == 14


def test_another_metric_begins_anew_another_target_does_not(four, kettle):
    programme = Programme.objects.create(name="Second pot", audience=Audience.CUSTOMER)
    set_objective(programme, metric=Metric.PURCHASES, target=60, check_on=None)
    measure_due(kettle)
    programme = Programme.objects.select_related("objective").get()
    set_objective(programme, metric=Metric.PURCHASES, target=70, check_on=None)
    assert (programme.objective.baseline, programme.objective.target) == (0, 70)

    set_objective(programme, metric=Metric.VALUE, target=70, check_on=None)

    assert programme.objective.baseline is None


def test_other_people_make_another_start(four, kettle):
    programme = Programme.objects.create(name="Second pot", audience=Audience.CUSTOMER)
    buys(four[0], "a", 2)
    set_objective(programme, metric=Metric.PURCHASES, target=60, check_on=None)
    measure_due(kettle)
    programme = Programme.objects.select_related("objective").get()
    assert programme.objective.baseline == 25

    programme.topic = letter()
    programme.save()
    set_objective(programme, metric=Metric.PURCHASES, target=60, check_on=None, anew=True)

    assert (programme.objective.baseline, programme.figures.count()) == (None, 0)
    measure_due(kettle)
    assert Objective.objects.get().baseline == 50
    assert set(programme.figures.values_list("people", flat=True)) == {2}


def test_the_page_begins_anew_when_the_audience_changes(four, kettle, as_ada):
    programme = Programme.objects.create(name="Second pot", audience=Audience.CUSTOMER)
    set_objective(programme, metric=Metric.PURCHASES, target=60, check_on=None)
    measure_due(kettle)
    said = {
        "name": "Second pot", "preset": "newsletter", "audience": "1", "purpose": "", "gives": "", "asks": "", "topic": "",
        "metric": "purchases", "target": "70", "check_on": "", "weekly_cap": "3", "holdout_percent": "0", "is_active": "on",
    }  # fmt: skip
    here = f"/w/kettle/programmes/{programme.pk}/edit/"

    as_ada.post(here, said)
    assert Objective.objects.get().baseline == 0
    as_ada.post(here, said | {"audience": str(int(Audience.PROSPECT))})

    assert Objective.objects.get().baseline is None


def test_one_that_takes_too_long_holds_back_no_other(four, kettle, monkeypatch):
    slow, quick = (Programme.objects.create(name=name, audience=Audience.CUSTOMER) for name in ("A", "B"))
    set_objective(slow, metric=Metric.VALUE, target=60, check_on=None)
    set_objective(quick, metric=Metric.PURCHASES, target=60, check_on=None)
    sleeping = replace(objectives.MEASURES[Metric.VALUE], column="count(f.kind) + (SELECT count(pg_sleep(3)))")
    monkeypatch.setitem(objectives.MEASURES, Metric.VALUE, sleeping)
    monkeypatch.setattr(objectives, "SECONDS", 1)

    assert measure_due(kettle) > now()

    assert set(ProgrammeFigure.objects.values_list("programme", flat=True)) == {quick.pk}
    assert Objective.objects.get(metric=Metric.VALUE).baseline is None


def test_what_is_not_measured_yet_is_no_zero(four, kettle, as_ada):
    programme = Programme.objects.create(name="Second pot", audience=Audience.CUSTOMER)
    set_objective(programme, metric=Metric.PURCHASES, target=60, check_on=None)

    for page in (as_ada.get("/w/kettle/").text, as_ada.get(f"/w/kettle/programmes/{programme.pk}/").text):
        assert "It is measured within a minute" in page
        assert "On the way" not in page
