"""A domain that asks for it gets less and then more again; one that refuses us by its rules gets nothing for an hour."""

from types import SimpleNamespace

import pytest
import redis

from delivery import throttling
from delivery.models import Delivery, Sender
from delivery.sending import next_moment, send_due
from delivery.throttling import Throttle, group_of
from lib.clock import now
from tests.delivery.rough_server import rough_server
from tests.factories.campaigns import make_campaign, make_sender, planned
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
