"""Bursts and traps that are cut in two by the clock: the half that was judged first is put right."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.content.linking import HONEYPOT
from delivery.models import Delivery, TrackedLink
from delivery.tracking.taking import take_clicks, take_opens
from tests.factories.campaigns import make_message
from tests.factories.contacts import make_reader
from touchpoints.models import CorrectedFact, Touchpoint

NOW = (timezone.now() - timedelta(hours=2)).replace(second=20, microsecond=0)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


@pytest.fixture
def got(inside):
    """Greta got an email with five links an hour before."""
    reader, message = make_reader("Greta Lind"), make_message()
    TrackedLink.objects.filter(message=message).delete()
    for number in range(1, 6):
        TrackedLink.objects.create(message=message, number=number, url=f"https://kettle.example/{number}")
    sent = NOW - timedelta(hours=1)
    return Delivery.objects.create(message=message, contact=reader, state=2, sent_at=sent, address=reader.email)


def item(row, seconds, link=None):
    at = (NOW + timedelta(seconds=seconds)).isoformat()
    found = {"message": row.message_id, "contact": row.contact_id, "at": at, "agent": FIREFOX, "head": False}
    return found | ({} if link is None else {"link": link})


def certainties(row):
    """(kind, link) → how it counts now."""
    corrected = dict(CorrectedFact.objects.values_list("touchpoint_id", "certainty"))
    facts = Touchpoint.objects.filter(contact=row.contact_id).values_list("id", "kind", "payload", "certainty")
    return {(kind, payload.get("link")): corrected.get(id_, certainty) for id_, kind, payload, certainty in facts}


def clicked_at(row):
    return Delivery.objects.get(pk=row.pk).clicked_at


def test_a_burst_that_comes_in_two_halves_is_a_machine_in_both(inside, got):
    take_clicks(inside, [item(got, 0.0, 1), item(got, 0.2, 2)])
    assert (set(certainties(got).values()), clicked_at(got)) == ({0}, NOW)

    take_clicks(inside, [item(got, 0.4, 3)])

    assert set(certainties(got).values()) == {2}
    assert clicked_at(got) is None


def test_a_click_of_a_person_before_it_stays_theirs(inside, got):
    take_clicks(inside, [item(got, -30, 4)])
    take_clicks(inside, [item(got, 0.0, 1), item(got, 0.2, 2)])
    take_clicks(inside, [item(got, 0.4, 3)])

    assert certainties(got)[4, 4] == 0
    assert clicked_at(got) == NOW - timedelta(seconds=30)


def test_who_steps_into_the_trap_was_a_machine_a_moment_before_and_after(inside, got):
    take_opens(inside, [item(got, -50)])
    take_clicks(inside, [item(got, -20, 1), item(got, -90, 5)])
    take_clicks(inside, [item(got, 0, HONEYPOT)])
    take_clicks(inside, [item(got, 30, 2), item(got, 90, 3)])

    found = certainties(got)
    assert {key: found[key] for key in [(3, None), (4, 1), (4, 2)]} == dict.fromkeys([(3, None), (4, 1), (4, 2)], 2)
    assert {found[4, 5], found[4, 3]} == {0}
    assert (4, HONEYPOT) not in found
    assert Delivery.objects.get(pk=got.pk).opened_at == NOW - timedelta(seconds=90)  # who clicked had opened


def test_the_next_person_is_not_blamed(inside, got):
    other = Delivery.objects.create(message=got.message, contact=make_reader(), state=2, sent_at=got.sent_at)
    take_clicks(inside, [item(got, 0, 1), item(other, 0.1, 2)])
    take_clicks(inside, [item(got, 0.2, HONEYPOT)])

    assert clicked_at(other) is not None
    assert clicked_at(got) is None


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(cut=st.integers(0, 5), order=st.permutations(range(5)))
def test_wherever_the_clock_cuts_the_verdict_is_the_same(inside, got, cut, order):
    got = Delivery.objects.create(message=got.message, contact=make_reader(), state=2, sent_at=got.sent_at)
    signs = [item(got, 0.0, 1), item(got, 0.3, 2), item(got, 0.6, 3), item(got, 0.9, 4), item(got, 35, 5)]
    moved = [signs[no] for no in order]
    for half in (moved[:cut], moved[cut:]):
        if half:
            take_clicks(inside, half)

    found = certainties(got)
    assert ([found[4, no] for no in range(1, 5)], found[4, 5]) == ([2] * 4, 0)
    assert clicked_at(got) == NOW + timedelta(seconds=35)
