"""Programmes with a charter: what they changed against their holdout, what they cost, and what they still owe."""

import math
import random
import statistics
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from campaigns.charters import saying
from campaigns.charters.costing import add_cost, return_of
from campaigns.charters.counting import counted_of, programme_now
from campaigns.charters.lifting import offers_of
from campaigns.charters.targets import asks_of, checked_of, with_sends
from campaigns.comparing import Sample, compare_means, student
from campaigns.models import Programme, ProgrammeCost, ProgrammeFigure
from campaigns.objectives import Metric
from contacts.merging import link_contacts
from contacts.models import Audience
from delivery.models import Delivery, Message
from engagement.models import Objective
from lib.bucketing import bucket
from lib.clock import now
from tests.factories.campaigns import make_campaign, make_programme, make_sender
from tests.factories.contacts import make_contact
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for

pytestmark = pytest.mark.usefixtures("inside")
DAYS = 40


def sent_to(programme, people, *, purpose=Message.Purpose.MARKETING, days=DAYS, price=0):
    """A campaign of the programme that went out so many days ago, to each of them whom its holdout does not spare."""
    campaign = make_campaign(make_sender(), programme=programme, purpose=purpose)
    message, at = campaign.message, now() - timedelta(days=days)
    message.refresh_from_db()
    message.state, message.planned_at, message.planned_count = Message.State.SENT, at, len(people)
    message.price_milli, message.postage_milli = price, 0
    message.save()
    rows = []
    for one in people:
        is_held = any(bucket(one.pk, salt) < size for salt, size in message.holdouts)
        row = Delivery(message=message, contact=one, queued_at=at, address=one.email)
        if is_held:
            row.state, row.reason = Delivery.State.EXCLUDED, "holdout"
        else:
            row.state, row.sent_at = Delivery.State.SENT, at
        rows.append(row)
    Delivery.objects.bulk_create(rows)
    return campaign


def buys(contact, key, days, value=2_000, kind="purchase"):
    fact = Fact(kind, key, now() - timedelta(days=days), contact_id=contact.pk, value_minor=value, currency="EUR")
    record([fact], source=source_for("shop", "Shop"))


def goal(metric, **more):
    return Objective.objects.create(metric=metric, **more)


@pytest.fixture
def world():
    """Sixty people, an offer forty days ago, and what each bought since and before."""
    people = [make_contact(f"P{n}", f"p{n}@people.example", roles=(Audience.CUSTOMER,)) for n in range(60)]
    programme = make_programme(holdout_percent=30, objective=goal(Metric.VALUE))
    dice, facts, spent = random.Random(7), [], {}
    for n, one in enumerate(people):
        amounts = [dice.randint(500, 9_000) for _ in range(dice.randint(0, 3))]
        spent[one.pk] = sum(amounts)
        for no, amount in enumerate(amounts):
            at = now() - timedelta(days=dice.randint(1, 30))
            facts.append(Fact("purchase", f"{n}-{no}", at, contact_id=one.pk, value_minor=amount, currency="EUR"))
        before = now() - timedelta(days=60)
        facts.append(Fact("purchase", f"{n}-old", before, contact_id=one.pk, value_minor=7_777, currency="EUR"))
    record(facts, source=source_for("shop", "Shop"))
    sent_to(programme, people)
    return programme, people, spent


def held_of(programme, people):
    size = programme.holdout_percent * 100
    return {one.pk for one in people if bucket(one.pk, f"programme-{programme.pk}") < size}


def test_the_lift_is_what_an_oracle_counts(world):
    programme, people, spent = world
    held = held_of(programme, people)
    sides = [[spent[one.pk] / 100 for one in people if (one.pk in held) == side] for side in (False, True)]

    lift = counted_of(programme).lift

    reached, kept = (statistics.fmean(side) for side in sides)
    errors = [statistics.variance(side) / len(side) for side in sides]
    degrees = sum(errors) ** 2 / sum(error**2 / (len(side) - 1) for error, side in zip(errors, sides, strict=True))
    half = student(degrees) * math.sqrt(sum(errors))
    assert (lift.reached.people, lift.held.people) == (60 - len(held), len(held))
    assert lift.difference.points == pytest.approx(reached - kept)
    assert (lift.difference.low, lift.difference.high) == pytest.approx((reached - kept - half, reached - kept + half))
    assert lift.verdict == "early"  # fewer than a hundred of each


def test_shares_are_compared_by_people_who_bought(world):
    programme, people, spent = world
    programme.objective = goal(Metric.PURCHASES)
    programme.save()
    held = held_of(programme, people)

    one = counted_of(programme).lift.difference

    bought = [
        100 * statistics.fmean(spent[x.pk] > 0 for x in people if (x.pk in held) == side) for side in (False, True)
    ]
    assert (one.reached_share, one.held_share) == pytest.approx(bought)
    assert one.low < one.points < one.high


@pytest.mark.parametrize(("metric", "mine"), [(Metric.USAGE, 100), (Metric.INTERACTION, 200), (Metric.PERCEPTION, 40)])
def test_each_metric_is_counted_for_each_person(metric, mine):
    people = [make_contact(f"P{n}", f"q{n}@people.example") for n in range(12)]
    programme = make_programme(holdout_percent=50, objective=goal(metric))
    sent_to(programme, people)
    held = held_of(programme, people)
    facts = []
    for one in people:
        if one.pk not in held:
            facts += [
                Fact("page", f"p{one.pk}", now() - timedelta(days=1), contact_id=one.pk),
                Fact("page", f"r{one.pk}", now() - timedelta(days=1), contact_id=one.pk, certainty=2),
                Fact("call", f"c{one.pk}", now() - timedelta(days=1), contact_id=one.pk, sentiment_milli=300),
                Fact("chat", f"d{one.pk}", now() - timedelta(days=2), contact_id=one.pk, sentiment_milli=500),
            ]
        else:
            facts.append(Fact("message", f"m{one.pk}", now() - timedelta(days=2), contact_id=one.pk, sentiment_milli=0))
    record(facts, source=source_for("site", "Site"))

    one = counted_of(programme).lift.difference

    assert (one.reached_share, one.held_share) == (mine, 0)


def test_what_people_asked_for_is_never_held_out_and_tells_no_lift(world):
    programme, people, _spent = world
    letter = sent_to(programme, people, purpose=Message.Purpose.SUBSCRIBED, days=50)

    assert letter.message.holdouts == []
    assert Delivery.objects.filter(message=letter.message, state=Delivery.State.SENT).count() == 60
    assert letter.message_id not in {one.pk for one in offers_of(programme)}
    assert counted_of(programme).lift.since > now() - timedelta(days=DAYS + 1)


def test_another_holdout_begins_a_comparison_of_its_own(world):
    programme, _people, _spent = world
    programme.holdout_percent = 10

    assert counted_of(programme).lift.verdict == "no_offer"
    programme.holdout_percent = 0
    assert counted_of(programme).lift.verdict == "none_held"


def test_who_was_merged_is_one_person_and_in_no_group_where_both_held_them(world):
    programme, people, spent = world
    held = held_of(programme, people)
    inside, outside = ([one for one in people if (one.pk in held) == side] for side in (True, False))

    link_contacts(inside[0].pk, outside[0].pk)
    link_contacts(outside[2].pk, outside[1].pk)
    lift = counted_of(programme).lift

    assert (lift.reached.people, lift.held.people) == (len(outside) - 2, len(inside) - 1)
    gone = {inside[0].pk, outside[0].pk}
    assert lift.reached.value.total == pytest.approx(sum(spent[one.pk] for one in outside if one.pk not in gone) / 100)


def test_a_mean_needs_two_people_and_an_interval_of_nothing_is_nothing():
    assert compare_means(Sample(1, 5, 25), Sample(9, 5, 25), verdict_at=now()) is None
    same = compare_means(Sample(200, 400, 800), Sample(200, 200, 200), verdict_at=now())
    assert (same.points, same.low, same.high, same.verdict) == (1, 1, 1, "more")
    assert student(10) == pytest.approx(2.2281, abs=0.001)
    assert student(1_000) == pytest.approx(1.9623, abs=0.001)


def test_cost_is_what_messages_cost_and_what_somebody_entered(world):
    programme, people, _spent = world
    sent_to(programme, people[:10], purpose=Message.Purpose.SUBSCRIBED, days=3, price=70)
    sent_to(programme, people[:10], purpose=Message.Purpose.SUBSCRIBED, days=90, price=70)  # before the comparison
    today = now().astimezone(ZoneInfo("Europe/Berlin")).date()
    add_cost(programme, name="Samples", amount=Decimal(120), day=today, by=None)
    add_cost(programme, name="Long ago", amount=Decimal(900), day=today - timedelta(days=300), by=None)
    programme.budget_minor = 400_000

    money = return_of(programme, counted_of(programme))

    assert money.messages_cost == pytest.approx(0.7)
    assert (money.cost, [one.name for one in money.own]) == (pytest.approx(120.7), ["Samples"])
    assert (money.gain, money.each, money.budget) == (None, None, 4_000)
    assert "cannot be said yet" in saying.return_in_words(money, counted_of(programme).lift, "EUR")


def test_the_return_agrees_with_the_lift(monkeypatch):
    monkeypatch.setattr("campaigns.comparing.FEWEST", 10)
    people = [make_contact(f"P{n}", f"q{n}@people.example") for n in range(60)]
    programme = make_programme(holdout_percent=50, objective=goal(Metric.PURCHASES))
    sent_to(programme, people)
    held = held_of(programme, people)
    facts = [
        Fact("purchase", f"o{n}", now() - timedelta(days=2), contact_id=one.pk, value_minor=3_000 + n, currency="EUR")
        for n, one in enumerate(people)
        if one.pk not in held
    ]
    record(facts, source=source_for("shop", "Shop"))
    add_cost(programme, name="Hours", amount=Decimal(100), day=now().date(), by=None)

    counted = counted_of(programme)
    money = return_of(programme, counted)

    assert counted.lift.verdict == "more"
    assert money.gain.middle == pytest.approx(sum(fact.value_minor for fact in facts) / 100)
    assert money.each.middle == pytest.approx(money.gain.middle / 100)
    assert money.left_over == pytest.approx(money.gain.middle - 100)
    said = saying.return_in_words(money, counted.lift, "EUR")
    assert said.startswith("Each EUR brought ")
    assert "nothing" not in said


def test_a_programme_asks_for_a_target_after_the_third_email_and_for_the_next_after_its_check():
    rows = with_sends(Programme.objects.select_related("objective"))
    programme = make_programme()
    for days in (3, 2):
        sent_to(programme, [], days=days)
    assert asks_of(rows.all()) == []
    sent_to(programme, [], days=1)
    assert asks_of(rows.all()) == [(programme, "target")]

    programme.objective = goal(Metric.USAGE)  # measured, but no target yet
    programme.save()
    assert asks_of(rows.all()) == [(programme, "target")]
    Objective.objects.update(target=5, check_on=now().date() - timedelta(days=2), baseline=1)
    assert asks_of(rows.all()) == [(programme, "next")]
    Programme.objects.update(is_active=False)
    assert asks_of(rows.all()) == []


@pytest.mark.parametrize(("target", "is_met"), [(5.0, True), (5.5, False), (-1.0, False)])
def test_after_its_day_it_says_whether_it_met_its_target(target, is_met):
    day = now().date() - timedelta(days=2)
    programme = make_programme(objective=goal(Metric.USAGE, target=target, baseline=1.0, check_on=day))
    for back, value in ((9, 1.0), (3, 5.0), (1, 99.0)):
        ProgrammeFigure.objects.create(
            programme=programme, metric=Metric.USAGE, day=now().date() - timedelta(days=back), value=value, people=9
        )

    checked = checked_of(programme, programme.objective)

    assert (checked.value, checked.is_met) == (5.0, is_met)
    programme.objective.check_on = now().date() + timedelta(days=3)
    assert checked_of(programme, programme.objective) is None


def test_what_is_kept_of_a_big_one_is_what_is_counted_of_a_small_one(world, monkeypatch, kettle):
    from workspaces.kept_figures import keep_figures

    programme, _people, _spent = world
    small = counted_of(programme)
    monkeypatch.setattr("campaigns.charters.counting.COUNTED_AT_ONCE", 5)
    assert counted_of(programme) is None
    keep_figures(kettle)

    big = counted_of(programme)

    assert (big.lift, big.did, big.cost_milli) == (small.lift, small.did, small.cost_milli)
    assert big.at is not None
    programme.holdout_percent = 20
    assert counted_of(programme) is None  # what is kept is of another holdout
    assert programme_now(programme.pk + 1) is None


def test_a_cost_goes_with_its_programme():
    programme = make_programme()
    add_cost(programme, name="Hours", amount=Decimal(1), day=now().date(), by=None)
    programme.delete()
    assert not ProgrammeCost.objects.exists()
