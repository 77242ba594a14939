from collections import Counter

import pytest

from consent.consenting import give_consent
from consent.gate import verdict, verdicts
from contacts.models import ContactFrequency
from delivery.engine.claiming import ask_of
from delivery.models import Delivery, Message
from lib.bucketing import bucket, bucket_sql
from lib.sql import run_text
from segments.leaf_types.base import RuleError
from segments.rules.compiler import check_rule
from segments.rules.counting import ids_fitting
from segments.rules.explaining import explain
from tests.factories.campaigns import make_message, make_programme
from tests.factories.contacts import make_contact, make_reader


def offer(**fields) -> Message:
    return make_message(purpose="marketing", topic=None, **fields)


def got(person, message) -> Delivery:
    return Delivery.objects.create(message=message, contact=person, state=Delivery.State.SENT)


@pytest.fixture
def person(inside):
    someone = make_contact(zone="Etc/GMT-12")
    give_consent(someone, topic=None, page="x")
    return someone


def reasons(message, *people) -> list[str]:
    """First reason each, the night left aside."""
    judged = verdicts(ask_of(message), [one.pk for one in people])
    assert [judged[one.pk].reason for one in people] == [verdict(ask_of(message), one).reason for one in people]
    return [next((r.code for r in judged[one.pk].reasons if not r.passed and r.code != "quiet"), "") for one in people]


def test_one_offer_a_day(person):
    assert reasons(offer(), person) == [""]
    got(person, offer())
    assert reasons(offer(), person) == ["cap"]


def test_a_letter_they_asked_for_is_no_offer(inside):
    reader = make_reader()
    got(reader, make_message())

    assert reasons(make_message(), reader) == [""]


def test_a_programme_has_its_own_cap(inside):
    reader, programme = make_reader(), make_programme(weekly_cap=1)
    got(reader, make_message(programme=programme))

    assert reasons(make_message(programme=programme), reader) == ["cap"]
    assert reasons(make_message(), reader) == [""]


def test_who_wants_less_gets_two_a_month(inside):
    reader = make_reader(contact_frequency=ContactFrequency.LESS)
    got(reader, make_message())
    assert reasons(make_message(), reader) == [""]
    got(reader, make_message())
    assert reasons(make_message(), reader) == ["frequency"]


def test_buckets_are_the_same_in_both_places(inside):
    rows = run_text(
        f"SELECT id, {bucket_sql('id', 'salt')} FROM generate_series(1, 2000) AS id", {"salt": "campaign-7"}
    )

    assert rows == [(number, bucket(number, "campaign-7")) for number in range(1, 2001)]
    tenths = Counter(value // 1000 for _number, value in rows)
    assert min(tenths.values()) > 140


def test_rules_speak_of_messages(inside):
    reader, other = make_reader(), make_reader()
    message = make_message()
    delivery = got(reader, message)
    Delivery.objects.update(sent_at=delivery.queued_at, opened_at=delivery.queued_at)
    got(other, make_message())

    def fitting(**argument):
        rule = {"message": argument}
        check_rule(rule)
        return ids_fitting(rule)

    assert fitting(did="opened") == {reader.pk}
    assert fitting(did="opened", message=message.pk, window={"last_days": 1}) == {reader.pk}
    assert fitting(did="clicked") == set()
    assert explain({"message": {"did": "opened"}}, reader)
    with pytest.raises(RuleError):
        check_rule({"message": {"did": "opened", "message": 999999}})
