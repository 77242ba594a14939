"""A sender that is stopped within a transaction holds its chunk for as long as it may be silent, and then no more."""

import pytest
from django.db import transaction

from campaigns.planning import plan_campaign
from delivery.engine.lanes import WORK
from delivery.engine.sending import send_due
from delivery.models import Delivery, Message, RecipientChunk
from lib.clock import now
from lib.sql import run_text
from tests.factories.campaigns import make_campaign, make_sender, started
from tests.faults.forking import forking
from tests.faults.people import make_people
from tests.faults.test_killing import room  # noqa: F401
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import AgendaItem

PEOPLE = 40


@pytest.mark.django_db(transaction=True)
def test_a_sender_stopped_within_a_transaction_lets_others_go_on_and_writes_nothing_late(
    kettle,
    room,  # noqa: F811
    settings,
    tmp_path,
):
    settings.VAR_DIR, settings.ECRM_FETCH_LOOPBACK = tmp_path, True
    with working_in(kettle):
        make_people(PEOPLE)
        message = plan_campaign(started(make_campaign(make_sender(port=room.port))))
        agenda.set_due("test.stop")
    AgendaItem.objects.exclude(work="test.stop").delete()

    with forking(tmp_path, SENDER_IDLE_SECONDS="0.5") as forker:
        child = forker.begin("kettle", "test.stop")
        forker.await_stop(child)
        with working_in(kettle), transaction.atomic():
            run_text("SET LOCAL lock_timeout = '60s'")  # a bound for a broken build
            chunk = RecipientChunk.objects.select_for_update().get()  # waits until PostgreSQL has hung up on the child
            assert (chunk.is_done, chunk.leased_until is not None) == (False, True)
            chunk.leased_until = now()
            chunk.save()
        send_due(kettle, lane=WORK)
        with working_in(kettle):
            before = list(Delivery.objects.order_by("pk").values())
        forker.go_on(child)
        ended = forker.heard()

    with working_in(kettle):
        assert list(Delivery.objects.order_by("pk").values()) == before
        assert {one["state"] for one in before} == {Delivery.State.SENT}
        assert Message.objects.get(pk=message.pk).state == Message.State.SENT
        assert not RecipientChunk.objects.exclude(leased_until=None).exists()
    assert ended == "0"
    assert len(before) == PEOPLE
    assert set(room.counts.values()) == {1}
    assert not AgendaItem.objects.filter(work="test.stop").exclude(held_by="").exists()
