"""While a chunk is being sent: who says no gets nothing a second later, pause acts at once, a late owner is fenced."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from campaigns.models import Campaign
from consent.consenting import withdraw_consent
from contacts.models import Contact
from delivery.engine.claiming import claim_chunk
from delivery.engine.controlling import pause
from delivery.engine.finishing import Result, finish_chunk
from delivery.engine.journal import Journal
from delivery.engine.reaping import reap_leases
from delivery.engine.sending import send_slice
from delivery.models import Delivery, RecipientChunk
from lib.clock import now
from lib.sql import run_text
from tests.backstage.dev.launching import wait_until
from tests.delivery.mailroom import Mailroom, open_mailroom
from tests.factories.campaigns import make_campaign, make_sender, planned
from tests.factories.contacts import letter, make_reader
from workspaces.current import working_in

State = Delivery.State


@pytest.fixture
def slow_room():
    """Takes a letter each 100 ms on a line; from the sixth on it takes none until it `goes_on`."""
    room = Mailroom(hang=0.1, stops_at=5)
    controller = open_mailroom(room)
    room.port = controller.real_port
    yield room
    controller.stop()


@pytest.fixture
def on_its_way(kettle, slow_room) -> Campaign:
    """A campaign to 60 readers, planned."""
    with working_in(kettle):
        for _ in range(60):
            make_reader()
        campaign = make_campaign(make_sender(port=slow_room.port))
        return planned(campaign)


def in_another_thread(action) -> threading.Thread:
    def run():
        try:
            action()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def wait_for(room: Mailroom, count: int) -> None:
    assert wait_until(lambda: len(room.letters) >= count, 60)


@pytest.mark.django_db(transaction=True)
def test_who_says_no_in_the_middle_gets_nothing(kettle, on_its_way, slow_room):
    sender = in_another_thread(lambda: send_slice(kettle, seconds=30))
    wait_for(slow_room, 5)
    with working_in(kettle):
        last = Contact.objects.order_by("-pk").first()
        withdraw_consent(last, topic=letter())
    slow_room.goes_on.set()  # four lines with a letter each 100 ms: the last one's turn is more than a second away
    sender.join()

    assert slow_room.counts[last.email] == 0
    assert len(slow_room.letters) == 59
    with working_in(kettle):
        row = Delivery.objects.get(contact=last)
        assert (row.state, row.reason) == (State.EXCLUDED, "topic_off")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("jump", [timedelta(hours=-3), timedelta(days=2)], ids=["back", "ahead"])
def test_a_clock_that_jumps_in_the_middle_sends_to_everybody_once(kettle, on_its_way, slow_room, jump):
    """Leases go by the database's clock, deadlines by seconds that only run forward.

    What was sent before the clock went back lies ahead of it: it is written down as sent now, or the ledger refused it.
    """

    sender = in_another_thread(lambda: send_slice(kettle, seconds=30))
    wait_for(slow_room, 5)
    with time_machine.travel(now() + jump, tick=True):
        with working_in(kettle):
            assert reap_leases(kettle) == 0  # nobody takes its lease for run out
            assert claim_chunk(kettle) is None
        slow_room.goes_on.set()
        sender.join()
        with working_in(kettle):
            assert not RecipientChunk.objects.exclude(leased_until=None).exists()
            assert not Delivery.objects.filter(sent_at__gt=now()).exists()

    assert (len(slow_room.counts), set(slow_room.counts.values())) == (60, {1})
    with working_in(kettle):
        assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}


@pytest.mark.django_db(transaction=True)
def test_a_pause_acts_at_the_next_heartbeat_and_keeps_the_rest(kettle, on_its_way, slow_room):
    sender = in_another_thread(lambda: send_slice(kettle, seconds=30))
    wait_for(slow_room, 5)
    with working_in(kettle):
        pause(on_its_way.message, by=None)
    slow_room.goes_on.set()
    sender.join()

    # On four lines a letter takes 100 ms, a heartbeat comes each 200 ms before a body leaves: two more each, and those
    # already on the line
    assert len(slow_room.letters) - 5 <= 4 * 4
    with working_in(kettle):
        sent = Delivery.objects.filter(state=State.SENT).count()
        assert sent == len(slow_room.letters)
        assert Delivery.objects.filter(state=State.QUEUED).count() == 60 - sent


def test_an_owner_who_wakes_up_late_is_fenced(inside, planned_inside):
    lease = claim_chunk(inside)
    lease.journal.mark(0, "accepted")
    lease.journal.mark(1, "about")
    run_text("UPDATE delivery_recipientchunk SET leased_until = clock_timestamp() - interval '1 s'")

    assert reap_leases(inside) == 1

    states = dict(Delivery.objects.values_list("contact_id", "state"))
    first, second, third = lease.contact_ids
    assert (states[first], states[second], states[third]) == (State.SENT, State.IN_DOUBT, State.QUEUED)
    assert lease.journal.is_poisoned
    late = dict.fromkeys(lease.contact_ids, Result(State.SENT))
    assert not finish_chunk(lease.message.pk, lease.chunk_id, lease.epoch, late)
    assert dict(Delivery.objects.values_list("contact_id", "state")) == states
    again = claim_chunk(inside)
    assert [one.contact_id for one in again.recipients] == [third]


def test_without_a_journal_everything_begun_is_in_doubt(inside, planned_inside):
    lease = claim_chunk(inside)
    lease.journal.close(forget=True)
    run_text("UPDATE delivery_recipientchunk SET leased_until = clock_timestamp() - interval '1 s'")

    reap_leases(inside)

    assert set(Delivery.objects.values_list("state", flat=True)) == {State.IN_DOUBT}


def test_a_live_lease_is_left_alone(inside, planned_inside):
    claim_chunk(inside)

    assert reap_leases(inside) == 0
    assert claim_chunk(inside) is None


def test_a_journal_remembers_across_readers(inside):
    journal = Journal.create(1, 2, 3, 4)
    journal.mark(2, "accepted")

    assert Journal(journal.path).marks() == bytes([0, 0, 2, 0])


@pytest.fixture
def planned_inside(inside) -> Campaign:
    """Three readers, planned."""
    for _ in range(3):
        make_reader()
    return planned(make_campaign(make_sender()))
