"""A domain that asks for it gets less and then more again; one that refuses us by its rules gets nothing for an hour."""

from types import SimpleNamespace

import pytest
import redis

from delivery.bounces.refusals import is_of_one_mailbox, refuses_us
from delivery.engine.claiming import claim_chunk
from delivery.engine.delivering import ChunkDelivery
from delivery.engine.sending import next_moment, send_due
from delivery.models import Delivery, Sender
from delivery.pace import throttling
from delivery.pace.throttling import Throttle, group_of
from lib.clock import now
from lib.standard_webhooks import new_secret
from lib.valkey import valkey
from tests.delivery.rough_server import rough_server
from tests.factories.campaigns import make_campaign, make_sender, make_webhook_sender, planned
from tests.factories.contacts import make_reader

State = Delivery.State


@pytest.fixture
def clock(monkeypatch):
    found = SimpleNamespace(at=1_000_000.0)
    found.time = lambda: found.at
    monkeypatch.setattr(throttling, "time", found)
    return found


def taken(throttle: Throttle, count: int, address: str = "a@slow.example") -> int:
    """How many of so many at once may go."""
    return sum(throttle.wait_for(address) is None for _ in range(count))


def test_an_address_belongs_to_its_domain():
    assert group_of("Ann@Mail.Example") == "mail.example"


def test_the_domains_of_one_house_are_slowed_together(clock, db):
    assert {group_of(f"a@{one}") for one in ("outlook.com", "Hotmail.de", "live.co.uk", "msn.com")} == {"Microsoft"}
    assert {group_of(f"a@{one}") for one in ("gmx.net", "web.de")} == {"GMX"}
    throttle = Throttle(1, 2, 40.0)

    throttle.slow_down("a@hotmail.com")
    clock.at += 1

    assert taken(throttle, 100, "b@outlook.com") == 20
    assert taken(throttle, 100, "b@gmail.com") == 100


def test_each_request_halves_and_time_gives_back(clock, db):
    throttle = Throttle(1, 2, 40.0)
    assert taken(throttle, 100) == 100  # nobody asked for anything
    throttle.slow_down("b@slow.example")
    throttle.slow_down("c@slow.example")  # in the same second: one
    assert throttle.limits["slow.example"].rate == 20
    clock.at += 1
    assert taken(throttle, 100) == 20
    assert taken(throttle, 100, "a@quick.example") == 100
    throttle.slow_down("b@slow.example")
    assert 10 <= throttle.limits["slow.example"].rate < 10.1
    clock.at += 30
    assert 13 <= throttle.limits["slow.example"].rate_at(clock.at, 40) <= 14.2  # a tenth of forty more
    clock.at += 300
    assert taken(throttle, 100) == 100


def test_other_processes_know_and_the_wait_grows_with_the_queue(clock, db):
    Throttle(1, 2, 2.0).slow_down("a@slow.example")
    other = Throttle(1, 2, 2.0)
    other.read()
    assert Throttle(1, 3, 2.0).limits == {}

    clock.at += 1
    moments = [other.wait_for("b@slow.example") for _ in range(200)]

    assert moments[0] is None
    waits = [(one - now()).total_seconds() for one in moments if one]
    assert 59 <= min(waits) <= 61
    assert 150 <= max(waits) <= 200


def test_a_valkey_that_is_down_limits_nobody(settings, monkeypatch):
    monkeypatch.setattr(throttling, "valkey", lambda: redis.Redis(port=1, socket_connect_timeout=0.1))
    throttle = Throttle(1, 2, 2.0)
    throttle.read()
    throttle.slow_down("a@slow.example")  # this process knows, at least

    assert throttle.wait_for("a@quick.example") is None


def test_who_is_over_the_limit_waits_on_the_agenda_and_has_lost_no_attempt(inside):
    with rough_server() as server:
        sender = make_sender(port=server.port)
        Sender.objects.filter(pk=sender.pk).update(per_second=20)
        for _ in range(40):
            make_reader()
        campaign = planned(make_campaign(sender))
        throttle = Throttle(inside.pk, sender.pk, 20)
        for _ in range(6):
            throttle.slow_down("x@people.example")
            throttle.limits["people.example"].since -= 2

        send_due(inside)

    states = {State(state).name: 0 for state in Delivery.objects.values_list("state", flat=True)}
    assert set(states) == {"SENT", "DEFERRED"}
    waiting = Delivery.objects.filter(message=campaign.message, state=State.DEFERRED)
    assert set(waiting.values_list("reason", "attempts")) == {("throttled", 0)}
    assert waiting.count() + len(server.letters) == 40
    assert next_moment() > now()


@pytest.mark.parametrize(
    ("answer", "slows"),
    [
        ("452 4.2.2 Over quota", False),
        ("450 4.2.1 Receiving mail too quickly", False),
        ("452 The mailbox is full", False),
        ("422 Mailbox full", False),
        ("452 User over quota", False),
        ("451 4.7.1 Greylisted", True),
        ("452 4.3.1 Insufficient system storage", True),
        ("450 Try again later", True),
    ],
)
def test_a_full_mailbox_is_no_word_of_its_domain(inside, answer, slows):
    readers = [make_reader() for _ in range(12)]
    with rough_server(answers={one.email: answer for one in readers}) as server:
        sender = make_sender(port=server.port, connections=1)
        planned(make_campaign(sender))
        send_due(inside)
    throttle = Throttle(inside.pk, sender.pk, 100_000)
    throttle.read()

    assert (throttle.limits.keys() == {"people.example"}) == slows
    assert set(Delivery.objects.values_list("state", flat=True)) <= {State.DEFERRED, State.QUEUED}


def test_being_asked_to_go_away_is_no_word_of_one_mailbox():
    assert not is_of_one_mailbox("421 4.7.0 Too many messages")


@pytest.mark.parametrize("address", ["+49 170 1234567", "@ann", "ann@people.example", "0e0a12-token"])
def test_nothing_is_written_down_of_whom_a_sender_of_another_channel_writes_to(db, address):
    throttle = Throttle(7, 8, 40.0, has_domains=False)
    throttle.slow_down(address)
    for _ in range(3):
        throttle.count_refusal(address, "550 5.7.1 no")

    kept = [
        (key, valkey().hkeys(key) if valkey().type(key) == b"hash" else [])
        for key in valkey().keys("ecrm:throttle:7:8*")
    ]
    assert kept
    assert address not in str(kept)
    assert "people" not in str(kept)


@pytest.mark.parametrize(("channel", "has_domains"), [("email", True), ("mobile", False), ("social", False)])
def test_only_senders_of_email_know_domains(inside, channel, has_domains):
    make_reader()
    lease_of = planned(make_campaign(make_sender()))
    lease = claim_chunk(inside)
    lease.message.sender = make_webhook_sender("https://hook.example/", new_secret(), channel=channel)

    assert ChunkDelivery(lease, 1e12, 9).throttle.has_domains == has_domains
    assert lease_of.message_id == lease.message.pk


def test_the_refusals_of_all_slots_count_together(db):
    slots = [Throttle(1, 2, 40.0) for _ in range(3)]

    stops = [one.count_refusal("a@gmail.example", "550 5.7.26 no") for one in slots]

    assert stops == [False, False, True]
    assert not slots[2].count_refusal("b@gmail.example", "550 5.7.26 no")  # what was under way
    other = Throttle(1, 2, 40.0)
    other.read()
    assert other.wait_for("c@gmail.example") > now()


@pytest.mark.parametrize(
    ("answer", "is_ours"),
    [("550 5.7.26 Unauthenticated", True), ("550 5.1.8 Bad sender", True), ("554 Refused as spam", True),
     ("550 5.1.1 Unknown", False), ("554 5.2.2 Full", False), ("550 No such user", False), ("404", False)],
)  # fmt: skip
def test_one_home_says_what_is_about_us(answer, is_ours):
    assert refuses_us(answer) == is_ours


def test_refusals_by_policy_stop_the_domain_and_are_told(inside):
    make_reader(email="first@elsewhere.example")
    readers = [make_reader() for _ in range(10)]
    with rough_server(answers={one.email: "550 5.7.26 Unauthenticated mail" for one in readers}) as server:
        sender = make_sender(port=server.port, connections=1)
        planned(make_campaign(sender))
        send_due(inside)

    states = list(Delivery.objects.values_list("state", flat=True))
    assert 3 <= states.count(State.FAILED) <= 5  # those on the line when the third came
    assert states.count(State.DEFERRED) == 10 - states.count(State.FAILED)
    waits = [row.not_before - now() for row in Delivery.objects.filter(state=State.DEFERRED)]
    assert 3_500 < min(waits).total_seconds() <= 3_600
    assert Sender.objects.get().last_error == "Refused by the rules of people.example: nothing goes there for an hour."
