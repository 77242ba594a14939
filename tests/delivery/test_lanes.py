"""Whose turn it is, how many slots one sender may hold, and who never waits behind a campaign."""

import threading
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from delivery.engine import lanes
from delivery.engine.claiming import claim_chunk
from delivery.engine.lanes import LANES, PLANS, TRIALS, URGENT, WORK, give_slot, take_slot
from delivery.engine.sending import send_due, send_urgent
from delivery.engine.urgency import CLASSES, URGENT_SQL, is_urgent, urgent_messages, urgent_params
from delivery.models import Message, RecipientChunk
from delivery.transactional.messages import open_standing, send_to_one
from lib.rooms import house
from lib.sql import run_prepared
from tests.backstage.dev.launching import wait_until
from tests.delivery.mailroom import Mailroom, open_mailroom
from tests.delivery.rough_server import rough_server
from tests.factories.campaigns import make_campaign, make_message, make_sender, planned
from tests.factories.contacts import make_reader
from workspaces import agenda, tasks
from workspaces.current import working_in
from workspaces.models import AgendaItem


def chunks_of(message: Message, count: int = 2) -> Message:
    """A message that is being sent, in chunks of one reader each."""
    Message.objects.filter(pk=message.pk).update(state="sending", planned_count=count + 1)
    for number in range(count):
        RecipientChunk.objects.create(message=message, number=number, contact_ids=[make_reader().pk])
    return message


def claimed(workspace, count: int, **options) -> list[int]:
    """The messages whose chunks are claimed next, each given back as done."""
    found = []
    for _ in range(count):
        lease = claim_chunk(workspace, **options)
        if lease is None:
            break
        found.append(lease.message.pk)
        RecipientChunk.objects.filter(pk=lease.chunk_id).update(is_done=True, leased_until=None)
        lease.journal.close(forget=True)
    return found


def notice(sender):
    """A standing message that goes to one person when something happens."""
    message = make_message(sender, purpose="transactional", topic=None)
    Message.objects.filter(pk=message.pk).update(state="approved")
    return open_standing(message)


def lanes_called() -> list[str]:
    return list(AgendaItem.objects.filter(work__startswith=WORK).order_by("work").values_list("work", flat=True))


def test_what_goes_to_one_person_comes_first_then_the_class_counts(inside):
    sender = make_sender()
    offer = chunks_of(make_message(sender, purpose="marketing", topic=None), 1)
    letter = chunks_of(make_message(sender), 1)
    bulk_notice = chunks_of(make_message(sender, purpose="transactional", topic=None), 1)
    receipt = notice(sender)
    send_to_one(receipt, make_reader(), occasion=1)

    assert claimed(inside, 5) == [receipt.pk, bulk_notice.pk, letter.pk, offer.pk]


@pytest.mark.parametrize("purpose", [one.value for one in CLASSES])
@pytest.mark.parametrize(("is_standing", "people"), [(True, 0), (True, 5), (False, 1), (False, 2)])
def test_one_word_says_what_is_urgent(inside, purpose, is_standing, people):
    """A row in hand, a query and the statement that claims: the same."""
    message = Message(purpose=purpose, is_standing=is_standing, planned_count=people, content=make_message().content)
    message.save()

    found = is_urgent(message)

    assert Message.objects.filter(urgent_messages(), pk=message.pk).exists() == found
    asked = f"SELECT {URGENT_SQL} FROM delivery_message m WHERE m.id = %(id)s"
    assert run_prepared(asked, urgent_params() | {"id": message.pk}) == [(found,)]
    assert found == (CLASSES.index(purpose) < 4 and (is_standing or people == 1))


def test_campaigns_and_senders_take_turns(inside):
    first, second = make_sender(), make_sender()
    a, b = chunks_of(make_message(first), 4), chunks_of(make_message(first), 2)
    c = chunks_of(make_message(second), 3)

    assert claimed(inside, 9) == [a.pk, c.pk, b.pk, c.pk, a.pk, c.pk, b.pk, a.pk, a.pk]


def test_a_sender_holds_two_slots_and_no_more(inside):
    slow, quick = make_sender(), make_sender()
    stuck = chunks_of(make_message(slow), 4)
    other = chunks_of(make_message(quick), 1)

    leases = [claim_chunk(inside) for _ in range(4)]

    assert [lease and lease.message.pk for lease in leases] == [stuck.pk, other.pk, stuck.pk, None]
    receipt = notice(slow)
    send_to_one(receipt, make_reader(), occasion=1)
    assert claim_chunk(inside).message == receipt


def test_the_urgent_lane_leaves_campaigns_alone(inside):
    sender = make_sender()
    chunks_of(make_message(sender), 1)

    assert claim_chunk(inside, only_urgent=True) is None
    receipt = notice(sender)
    send_to_one(receipt, make_reader(), occasion=1)
    assert claimed(inside, 2, only_urgent=True) == [receipt.pk]


def test_what_is_asked_for_has_its_own_work_and_queue(inside):
    AgendaItem.objects.all().delete()
    send_to_one(notice(make_sender()), make_reader(), occasion=1)
    planned(make_campaign(make_sender()))

    assert set(AgendaItem.objects.values_list("work", flat=True)) >= {URGENT, WORK}
    assert {house.work_queues[one] for one in (*LANES, URGENT, "delivery.trials")} == {"sending"}
    assert set(house.works) >= {*LANES, URGENT}


def test_a_lane_calls_the_next_one_while_more_waits(inside, room):
    sender = make_sender(port=room.port)
    AgendaItem.objects.all().delete()
    chunks_of(make_message(sender), 2)

    send_due(inside, lane=LANES[1])

    assert lanes_called() == [LANES[2]]
    AgendaItem.objects.all().delete()
    chunks_of(make_message(sender), 1)
    assert send_due(inside, lane=LANES[1]) is not None  # it did something: there may be more
    assert send_due(inside, lane=LANES[1]) is None
    assert lanes_called() == []


@pytest.fixture
def free_slots(monkeypatch):
    """No slot of this process is taken."""
    monkeypatch.setattr(lanes, "_held", Counter())


def takes(workspace_id: int, kind: str) -> int:
    """How many slots of a kind somebody gets who wants a lot."""
    return sum(take_slot(workspace_id, kind) for _ in range(20))


def test_campaigns_plans_and_trials_leave_threads_to_what_is_urgent(free_slots, settings):
    settings.ECRM_SENDING_THREADS = 8

    assert sum(takes(one, WORK) for one in range(10)) == 5
    assert sum(takes(one, PLANS) for one in range(10, 20)) == 1
    assert sum(takes(one, TRIALS) for one in range(20, 30)) == 1
    assert take_slot(40, URGENT)
    give_slot(20, TRIALS)
    assert takes(50, TRIALS) == 1


@pytest.mark.parametrize("threads", [1, 2, 3, 4, 8, 16])
@pytest.mark.parametrize(
    "kinds", [(WORK, PLANS, TRIALS, URGENT), (URGENT, WORK, TRIALS, PLANS), (TRIALS, URGENT, WORK)]
)
def test_a_workspace_never_holds_more_than_half_and_its_urgent_ones_always_find_a_slot(
    free_slots, settings, threads, kinds
):
    settings.ECRM_SENDING_THREADS = threads

    taken = {kind: takes(1, kind) for kind in kinds}

    assert taken[URGENT] >= 1
    assert sum(taken.values()) <= max(2, threads // 2)
    assert take_slot(2, URGENT)


@pytest.mark.parametrize("work", ["campaigns.plan", "delivery.trials"])
def test_what_finds_no_slot_comes_again_and_gives_back_what_it_took(inside, free_slots, work):
    assert take_slot(99, work)
    AgendaItem.objects.all().delete()

    assert house.works[work](inside) > timezone.now()
    give_slot(99, work)
    assert house.works[work](inside) is None
    assert not lanes._held


def test_campaigns_leave_a_thread_to_what_is_urgent(inside, room, free_slots, settings):
    settings.ECRM_SENDING_THREADS = 4
    sender = make_sender(port=room.port)
    chunks_of(make_message(sender), 1)
    receipt = notice(sender)
    send_to_one(receipt, make_reader(), occasion=1)
    assert take_slot(inside.pk, WORK)

    assert send_due(inside) is not None  # it comes again in a second
    assert room.letters == []
    send_urgent(inside)
    assert len(room.letters) == 1
    give_slot(inside.pk, WORK)
    send_due(inside)
    assert len(room.letters) == 2


@pytest.mark.django_db(transaction=True)
def test_a_call_goes_out_when_it_is_committed_and_not_before(kettle, monkeypatch):
    called = []
    monkeypatch.setattr(tasks, "send_task", lambda _task, kwargs, **options: called.append((kwargs["name"], options)))

    with working_in(kettle):
        tasks.hurry(WORK)
        assert called == []

    assert called == [(WORK, {"queue": "sending"})]
    assert AgendaItem.objects.filter(workspace=kettle, work=WORK).exists()


def in_a_thread(action, *arguments) -> threading.Thread:
    def run():
        try:
            action(*arguments)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.fixture
def polite():
    room = Mailroom()
    controller = open_mailroom(room)
    room.port = controller.real_port
    yield room
    controller.stop()


@pytest.mark.django_db(transaction=True)
def test_a_server_that_never_answers_holds_only_its_own_senders_slots(kettle, rival, polite):
    """Its workspace's other sender and another workspace send meanwhile; so does what is urgent."""
    with rough_server(hangs_at="greeting") as hung:
        with working_in(kettle):
            stuck = chunks_of(make_message(make_sender(port=hung.port)), 4)
            other = chunks_of(make_message(make_sender(port=polite.port)), 2)
        with working_in(rival):
            chunks_of(make_message(make_sender(port=polite.port)), 2)
        for lane in LANES:
            with working_in(kettle):
                agenda.set_due(lane)
        with working_in(rival):
            agenda.set_due(WORK)
        threads = [in_a_thread(agenda.do_work, kettle, lane) for lane in LANES]
        threads.append(in_a_thread(agenda.do_work, rival, WORK))

        assert wait_until(lambda: len(polite.letters) == 4, 30)
        with working_in(kettle):
            held = RecipientChunk.objects.filter(message=stuck).exclude(leased_until=None).count()
            assert 1 <= held <= 2
            left = RecipientChunk.objects.filter(message=other, is_done=False)
            assert wait_until(lambda: not left.all().exists(), 30)
            receipt = notice(make_sender(port=polite.port))
            send_to_one(receipt, make_reader(), occasion=1)
        agenda.do_work(kettle, URGENT)
        assert len(polite.letters) == 5
    for one in threads:
        one.join()


def test_a_process_that_is_asked_to_end_begins_nothing_and_keeps_everybody(inside, room):
    chunks_of(make_message(make_sender(port=room.port)), 2)
    lanes.end_soon()
    try:
        assert send_due(inside) is not None
        assert room.letters == []
    finally:
        lanes.ending.clear()
    send_due(inside)
    assert len(room.letters) == 2
