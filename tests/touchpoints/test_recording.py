from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact, Identity, Merged
from contacts.resolving import Hint
from lib.sql import run_text
from touchpoints.facts import BadFactError, Fact
from touchpoints.models import DayCount, OwnKind, Touchpoint
from touchpoints.news import touchpoints_recorded
from touchpoints.recording import record
from touchpoints.rows import Row, rows_sql
from touchpoints.sources import source_for

LONG_AGO = datetime(1997, 1, 12, tzinfo=UTC)


def bought(number: int, customer: str, **more) -> Fact:
    more.setdefault("occurred_at", LONG_AGO + timedelta(days=number))
    return Fact("purchase", f"order-{number}", hints=(Hint(Identity.Kind.EXTERNAL_ID, customer),), **more)


@pytest.fixture
def shop(inside):
    return source_for("shop", "The shop")


def test_a_fact_stands_in_the_ledger_under_its_person(shop):
    done = record(
        [bought(1, "00001", value_minor=1177, currency="USD", payload={"cds": 1, "note": "a\tb\\c\n"})], source=shop
    )

    fact = Touchpoint.objects.get()
    assert (fact.id, fact.contact_id, fact.occurred_at, fact.value_minor, fact.currency) == (
        done.ids[0],
        Identity.objects.get(value="00001").contact_id,
        LONG_AGO + timedelta(days=1),
        1177,
        "USD",
    )
    assert fact.payload == {"cds": 1, "note": "a\tb\\c\n"}
    assert fact.id.version == 7


def test_a_replay_changes_nothing(shop):
    facts = [bought(n, f"{n % 3}") for n in range(20)]
    first = record(facts, source=shop)
    again = record([bought(n, f"{n % 3}") for n in range(20)], source=shop)

    assert (first.fresh_count, again.fresh_count) == (20, 0)
    assert again.ids == first.ids
    assert Touchpoint.objects.count() == 20
    assert sum(DayCount.objects.values_list("count", flat=True)) == 20
    assert Contact.objects.count() == 3


def test_the_same_fact_twice_in_one_batch_counts_once(shop):
    assert record([bought(1, "1"), bought(1, "1")], source=shop).fresh_count == 1


def test_a_fact_without_a_moment_keeps_its_first_arrival(shop):
    record([bought(1, "1", occurred_at=None)], source=shop)
    first = Touchpoint.objects.get().occurred_at
    record([bought(1, "1", occurred_at=None)], source=shop)

    assert Touchpoint.objects.get().occurred_at == first


@pytest.mark.parametrize("from_now", [timedelta(days=-40_000), timedelta(minutes=11)])
def test_a_moment_that_cannot_be_is_refused_and_nothing_is_kept(shop, from_now):
    moment = timezone.now() + from_now
    with pytest.raises(BadFactError):
        record([bought(1, "1"), bought(2, "1", occurred_at=moment)], source=shop)

    assert (Touchpoint.objects.count(), Contact.objects.count()) == (0, 0)


def test_an_unknown_kind_becomes_a_kind_of_the_workspace(shop):
    record([Fact("Tea Ceremony Booked", "x", LONG_AGO, hints=(Hint(1, "7"),))], source=shop)

    assert OwnKind.objects.get().key == "Tea Ceremony Booked"
    assert Touchpoint.objects.get().kind == OwnKind.objects.get().code == 1000


def test_an_anonymous_visitor_who_says_who_they_are_stays_the_same_contact(shop):
    device, number = Hint(Identity.Kind.DEVICE, "anon-1"), Hint(Identity.Kind.EXTERNAL_ID, "u1")
    record([Fact("page", "p1", LONG_AGO, hints=(device,))], source=shop)
    assert Contact.objects.get().is_anonymous

    record([Fact("identify", "i1", LONG_AGO, hints=(device, number), profile={"name": "Ina", "plan": 3})], source=shop)

    contact = Contact.objects.get()
    assert (contact.is_anonymous, contact.name) == (False, "Ina")
    assert contact.field_values.get().number == 3


def test_a_visitor_who_turns_out_to_be_known_is_linked_and_keeps_their_rows(shop):
    device, number = Hint(Identity.Kind.DEVICE, "anon-1"), Hint(Identity.Kind.EXTERNAL_ID, "u1")
    record([Fact("page", "p1", LONG_AGO, hints=(device,)), bought(1, "u1")], source=shop)
    visitor, known = (Identity.objects.get(value=v).contact_id for v in ("anon-1", "u1"))

    record([Fact("identify", "i1", LONG_AGO, hints=(device, number))], source=shop)

    assert Merged.objects.values_list("loser_id", "survivor_id").get() == (visitor, known)
    assert Touchpoint.objects.get(external_id="p1").contact_id == visitor


def test_a_shared_browser_does_not_join_two_people(shop):
    device = Hint(Identity.Kind.DEVICE, "family-tablet")
    for user in ("mum", "dad"):
        record([Fact("identify", user, LONG_AGO, hints=(device, Hint(1, user)))], source=shop)

    assert Contact.objects.count() == 2
    assert not Merged.objects.exists()


def test_another_customer_number_with_the_same_address_is_somebody_else(shop):
    family = Hint(Identity.Kind.EMAIL, "family@example.org")
    for user in ("mum", "dad"):
        record([Fact("identify", user, LONG_AGO, hints=(Hint(1, user), family))], source=shop)

    assert Contact.objects.count() == 2
    uses = Identity.objects.filter(value="family@example.org").order_by("pk").values_list("contact_id", "shared_why")
    assert list(uses) == [(Identity.objects.get(value=who).contact_id, "noticed") for who in ("mum", "dad")]


def test_the_work_of_a_batch_does_not_grow_with_it(shop, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        record([bought(n, f"{n}") for n in range(500)], source=shop)


def test_the_news_carries_the_new_rows_as_they_stand_in_the_ledger(shop, monkeypatch):
    heard = []
    monkeypatch.setattr(touchpoints_recorded, "hearers", [lambda batch: heard.append(batch.rows)])
    record([bought(1, "1", value_minor=1177, sentiment_milli=-300)], source=shop)
    record([bought(1, "1"), bought(2, "2", channel=3), bought(2, "2", channel=4)], source=shop)

    rows = [row for batch in heard for row in batch]
    facts = {fact.id: fact for fact in Touchpoint.objects.all()}
    assert [len(batch) for batch in heard] == [1, 1]
    assert [{name: getattr(facts[row.id], name) for name in Row._fields} for row in rows] == [
        row._asdict() for row in rows
    ]


def test_the_columns_of_rows_come_back_from_a_statement(shop):
    batch = record([bought(n, f"{n}", value_minor=n or None, message_id=n) for n in range(3)], source=shop)
    names = ("contact_id", "channel", "kind", "direction", "message_id", "value_minor", "weight_milli", "certainty")
    rows = run_text(f"SELECT occurred_at, {', '.join(names)}, sign FROM {rows_sql(*names)} r", batch.columns)

    assert rows == [(row.occurred_at, *(getattr(row, name) for name in names), 1) for row in batch.rows]
