"""SIGKILL in the middle of a campaign, again and again, and the work goes on by itself: no lease is waited for.

Nobody twice (I1), nobody skipped (I2), at most one letter a connection and kill in doubt, no lease left behind (I7).
"""

import os
import time
from collections import Counter

import pytest

from campaigns.models import Campaign
from campaigns.planning import plan_campaign
from delivery.engine import planning
from delivery.engine.lanes import WORK
from delivery.models import Delivery, Message, RecipientChunk
from lib.sql import run_text
from tests.delivery.mailroom import Mailroom, open_mailroom
from tests.factories.campaigns import make_campaign, make_sender, started
from tests.faults.forking import Forker, forking
from tests.faults.people import make_people
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import AgendaItem

PEOPLE = int(os.environ.get("ECRM_FAULTS_PEOPLE", "500"))  # `make faults`: 100,000
CHUNK, KILLS, PATIENCE, CONNECTIONS = max(100, PEOPLE // 100), 24 if PEOPLE > 10_000 else 8, 60, 4
State = Delivery.State


@pytest.fixture
def room():
    """Takes a letter each half millisecond, so that a kill finds somebody at work."""
    found = Mailroom(hang=0.0005)
    controller = open_mailroom(found)
    found.port = controller.real_port
    yield found
    controller.stop()


@pytest.fixture
def on_its_way(kettle, room, monkeypatch):
    """A campaign to all, planned in small chunks: claiming a thousand is not what is tried here."""
    monkeypatch.setattr(planning, "CHUNK", CHUNK)
    with working_in(kettle):
        make_people(PEOPLE)
        plan_campaign(started(make_campaign(make_sender(port=room.port))))
    AgendaItem.objects.exclude(work=WORK).delete()
    return kettle


def wait_for(room: Mailroom, count: int) -> None:
    until = time.monotonic() + PATIENCE  # a bound for a broken build: what decides is the count of letters
    while len(room.letters) < count:
        assert time.monotonic() < until, f"only {len(room.letters)} letters came"
        time.sleep(0.002)


def leases_are_in_the_future() -> bool:
    """No lease has run out: who goes on now does so because the owner is known to be dead."""
    asked = "SELECT bool_and(leased_until > clock_timestamp() + interval '1 s') FROM {} WHERE leased_until IS NOT NULL"
    return all(run_text(asked.format(one))[0][0] for one in ("delivery_recipientchunk", "workspaces_agendaitem"))


def strike(forker: Forker, room: Mailroom, letters: int) -> bool:
    """Begin, wait until it has sent some, kill it; whether it was killed in the middle of a chunk, its leases live."""
    child = forker.begin("kettle", WORK)
    wait_for(room, len(room.letters) + letters)
    killed = forker.kill(child)
    in_the_middle = RecipientChunk.objects.exclude(leased_until=None).exists()
    return killed and in_the_middle and leases_are_in_the_future()


@pytest.mark.django_db(transaction=True)
def test_a_killed_sender_is_followed_at_once_and_writes_to_nobody_twice(on_its_way, room, settings, tmp_path):
    settings.VAR_DIR, settings.ECRM_FETCH_LOOPBACK = tmp_path, True
    struck = rounds = 0
    with forking(tmp_path) as forker:
        while struck < KILLS:
            agenda.free_items_of_the_dead()
            assert (on_its_way.pk, WORK) in agenda.invite_due_items(), "nobody would go on"
            with working_in(on_its_way):
                struck += strike(forker, room, 3 + 4 * (rounds % 8) + PEOPLE // 2_000 * (rounds % 5))
            rounds += 1
            assert rounds < 2 * KILLS, "the kills hit idle senders: this proves nothing"
            AgendaItem.objects.update(attempts=0)  # what a slice between two kills would have done
    for _slice in range(
        30 + PEOPLE // 1_000
    ):  # a busy machine sends fewer in a slice; what decides is that the work ends by itself
        agenda.free_items_of_the_dead()
        if not AgendaItem.objects.filter(work=WORK).exists():
            break
        agenda.do_work(on_its_way, WORK)

    with working_in(on_its_way):
        message = Campaign.objects.select_related("message").get().message
        states = Counter(Delivery.objects.values_list("state", flat=True))
        doubtful = set(Delivery.objects.filter(state=State.IN_DOUBT).values_list("address", flat=True))
        sent = set(Delivery.objects.filter(state=State.SENT).values_list("address", flat=True))
        assert not RecipientChunk.objects.exclude(leased_until=None).exists()
    assert max(room.counts.values()) == 1
    assert sum(states.values()) == PEOPLE
    assert set(states) <= {State.SENT, State.IN_DOUBT}
    assert len(doubtful) <= rounds * CONNECTIONS
    assert sent <= set(room.counts)
    assert set(room.counts) - sent <= doubtful
    assert message.state == Message.State.SENT
    assert not AgendaItem.objects.filter(work=WORK).exists()
    print(  # noqa: T201 - the measure
        f"kills {rounds}, struck {struck}, in doubt {len(doubtful)}, of those arrived {len(doubtful & set(room.counts))}"
    )
