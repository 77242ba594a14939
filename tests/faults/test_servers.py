"""Servers that misbehave and a machine that fails, in the middle of a campaign: nobody twice, nobody lost.

I1 one letter a person; I2 the states add up to the audience; in doubt at most the open connections each time it broke; the
work goes on by itself, or says why not. Time is moved in the database, never waited for.
"""

import os
import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.planning import plan_campaign
from contacts.models import Contact
from delivery.engine import planning
from delivery.engine.controlling import resume
from delivery.engine.lanes import WORK
from delivery.engine.sending import send_due
from delivery.models import Delivery, Message, RecipientChunk
from lib.valkey import valkey
from tests.backstage.dev.launching import wait_until
from tests.delivery.rough_server import rough_server
from tests.factories.campaigns import make_campaign, make_sender, started
from tests.faults.forking import forking
from tests.faults.people import make_people
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import AgendaItem

PEOPLE, CHUNK, CONNECTIONS = 120, 40, 4
MINUTES = 60 if os.environ.get("ECRM_FAULTS_PEOPLE") else 8  # of 421: an hour, by `make faults`
State = Delivery.State


@pytest.fixture(autouse=True)
def own_var(settings, tmp_path, monkeypatch):
    settings.VAR_DIR, settings.ECRM_FETCH_LOOPBACK = tmp_path, True
    monkeypatch.setattr(planning, "CHUNK", CHUNK)


def campaign_by(server, count: int = PEOPLE) -> Message:
    """A campaign to so many people by this server, planned."""
    make_people(count)
    plan_campaign(started(make_campaign(make_sender(port=server.port))))
    return Campaign.objects.select_related("message").get().message


def later() -> None:
    """Whatever waits for a moment is due."""
    past = timezone.now() - timedelta(seconds=1)
    Delivery.objects.exclude(not_before=None).update(not_before=past)
    RecipientChunk.objects.exclude(not_before=None).update(not_before=past)


def check(server, *, in_doubt: int = 0, count: int = PEOPLE) -> Counter:
    """The invariants; the states."""
    states = Counter(Delivery.objects.values_list("state", flat=True))
    known = set(Delivery.objects.values_list("contact_id", flat=True))
    waiting = {
        one for ids in RecipientChunk.objects.filter(is_done=False).values_list("contact_ids", flat=True) for one in ids
    }
    unfinished = set(
        Delivery.objects.filter(state__in=(State.QUEUED, State.DEFERRED, State.SENDING)).values_list(
            "contact_id", flat=True
        )
    )
    assert max(server.counts.values(), default=0) <= 1, "somebody got it twice"
    everybody = set(Contact.objects.values_list("pk", flat=True))
    assert len(everybody) == count
    assert everybody == known | waiting, "somebody was lost"
    assert unfinished <= waiting, "somebody waits in no chunk"
    assert states[State.IN_DOUBT] <= in_doubt
    sent = set(Delivery.objects.filter(state=State.SENT).values_list("address", flat=True))
    doubtful = set(Delivery.objects.filter(state=State.IN_DOUBT).values_list("address", flat=True))
    assert sent <= set(server.counts)
    assert set(server.counts) - sent <= doubtful
    assert not RecipientChunk.objects.exclude(leased_until=None).exists()
    return states


def test_the_check_of_these_tests_finds_whoever_is_lost(inside):
    """Also where the numbers add up: one is in two places, another in none."""
    with rough_server() as server:
        campaign_by(server, 4)
        send_due(inside)
        check(server, count=4)
        lost, other = Delivery.objects.order_by("pk")[:2]
        lost.delete()
        chunk = RecipientChunk.objects.get()
        RecipientChunk.objects.filter(pk=chunk.pk).update(is_done=False, contact_ids=[other.contact_id])
        with pytest.raises(AssertionError, match="somebody was lost"):
            check(server, count=4)


def send_all(workspace) -> None:
    """Turn by turn until nobody waits: a slice may end, and a domain that asked for less gets less."""
    for _turn in range(30):
        later()
        send_due(workspace)
        if not RecipientChunk.objects.filter(is_done=False).exists():
            return


def finished(server, **bounds) -> None:
    states = check(server, **bounds)
    assert states[State.SENT] + states[State.IN_DOUBT] == bounds.get("count", PEOPLE)
    assert not RecipientChunk.objects.filter(is_done=False).exists()


def test_a_server_that_cuts_every_body_leaves_a_connection_each_in_doubt(inside):
    with rough_server(cuts=10_000, cut_at=500) as server:
        message = campaign_by(server)
        send_due(inside)
        message.refresh_from_db()
        assert message.state == "paused"
        check(server, in_doubt=CONNECTIONS)
        struck, server.cuts = 10_000 - server.cuts, 0
        resume(message, by=None)
        for _ in range(3):
            send_due(inside)
        assert struck >= 5
        finished(server, in_doubt=CONNECTIONS)


def test_garbage_for_an_answer_is_a_brake(inside):
    with rough_server(says="taken, I think") as server:
        message = campaign_by(server)
        send_due(inside)
        message.refresh_from_db()
        assert message.state == "paused"
        states = check(server, in_doubt=3 + CONNECTIONS)
        assert states[State.IN_DOUBT] >= 3


def test_a_server_that_closes_its_half_is_down_and_loses_nobody(inside):
    with rough_server(half_closes=True) as server:
        message = campaign_by(server)
        send_due(inside)
        message.refresh_from_db()
        assert message.state == "paused"
        check(server)
        server.half_closes = False
        resume(message, by=None)
        send_due(inside)
        finished(server)


def test_421_for_as_long_as_it_likes_delays_everybody_and_nobody_is_tried_twice(inside):
    with rough_server(greets="421 4.3.2 Come back later") as server:
        message = campaign_by(server)
        for _minute in range(MINUTES):
            later()
            send_due(inside)
        message.refresh_from_db()
        assert (message.state, server.seen >= MINUTES) == ("sending", True)
        check(server)
        server.greets = "220 rough"
        later()
        send_due(inside)
        finished(server)


def test_greylisting_delays_each_once(inside):
    with rough_server(greylists=True) as server:
        campaign_by(server)
        send_due(inside)
        assert check(server)[State.DEFERRED] == PEOPLE
        send_all(inside)
        finished(server)


def test_every_row_that_waits_has_its_moment_on_the_agenda(inside):
    with rough_server(greylists=True) as server:
        campaign_by(server)
        next_at = send_due(inside)

    moments = set(RecipientChunk.objects.filter(is_done=False).values_list("not_before", flat=True))
    waiting = set(Delivery.objects.filter(state=State.DEFERRED).values_list("contact_id", flat=True))
    there = {
        one for ids in RecipientChunk.objects.filter(is_done=False).values_list("contact_ids", flat=True) for one in ids
    }
    assert next_at == min(moments)
    assert waiting == there
    for row in Delivery.objects.filter(state=State.DEFERRED):
        chunk = RecipientChunk.objects.get(is_done=False, contact_ids__contains=[row.contact_id])
        assert row.not_before <= chunk.not_before <= row.not_before + timedelta(minutes=1)


def test_no_room_for_a_journal_sends_nothing(inside, settings, tmp_path):
    full = tmp_path / "full"
    full.write_text("no directory can be made here")
    with rough_server() as server:
        campaign_by(server)
        settings.VAR_DIR = full
        with pytest.raises(OSError, match="full"):
            send_due(inside)
        assert server.letters == []
        settings.VAR_DIR = tmp_path
        send_due(inside)
        finished(server)


def end_the_others() -> list[tuple]:
    """Every other session in this database ends, as its owner may ask for."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND usename = session_user"
        )
        ended = cursor.fetchall()
        cursor.execute("SET ROLE ecrm_app")
        return ended


@pytest.mark.django_db(transaction=True)
def test_a_database_that_ends_our_connection_is_waited_for(kettle):
    """And a Valkey that forgets everything is of no account."""
    with rough_server(slow=0.01) as server:
        with working_in(kettle):
            campaign_by(server)

        def send() -> None:
            try:
                send_due(kettle)
            finally:
                connection.close()

        thread = threading.Thread(target=send)
        thread.start()
        assert wait_until(lambda: len(server.letters) >= 10, 30)
        ended = end_the_others()
        valkey().flushdb()
        thread.join()
        assert ended
        send_due(kettle)
        with working_in(kettle):
            finished(server)


@pytest.mark.django_db(transaction=True)
def test_who_slept_past_the_lease_hands_over_nothing_when_waking_up(kettle, settings, tmp_path):
    with rough_server(slow=0.01) as server, forking(tmp_path) as forker:
        with working_in(kettle):
            campaign_by(server)
        AgendaItem.objects.exclude(work=WORK).delete()
        child = forker.begin("kettle", WORK)
        assert wait_until(lambda: len(server.letters) >= 10, 30)
        forker.stop(child)
        with working_in(kettle):
            RecipientChunk.objects.exclude(leased_until=None).update(leased_until=timezone.now() - timedelta(seconds=1))
        send_due(kettle)
        before = dict(server.counts)
        forker.go_on(child)
        assert forker.heard() in {"0", "1"}
        forker.running = 0
        assert dict(server.counts) == before
        agenda.free_items_of_the_dead()
        with working_in(kettle):
            finished(server, in_doubt=CONNECTIONS)
