"""A sender's messages a second are the sender's, whoever sends by it."""

import threading
import time

import pytest
import redis
from django.db import connection

from delivery.engine.sending import send_slice
from delivery.models import RecipientChunk, Sender
from delivery.pace import pacing
from delivery.pace.pacing import Pace
from tests.delivery.mailroom import Mailroom, open_mailroom
from tests.factories.campaigns import make_campaign, make_sender, planned
from tests.factories.contacts import make_reader
from workspaces.current import working_in


class TimedRoom(Mailroom):
    """Notes when each letter came."""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd calls it so
        self.moments.append(time.monotonic())
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def timed():
    room = TimedRoom(moments=[])
    controller = open_mailroom(room)
    room.port = controller.real_port
    yield room
    controller.stop()


@pytest.mark.django_db(transaction=True)
def test_two_slots_together_send_no_faster_than_the_sender_may(kettle, timed):
    with working_in(kettle):
        people = [make_reader().pk for _ in range(40)]
        sender = make_sender(port=timed.port)
        Sender.objects.update(per_second=50)
        message = planned(make_campaign(sender)).message
        RecipientChunk.objects.all().delete()
        for number in range(2):
            RecipientChunk.objects.create(message=message, number=number, contact_ids=people[number * 20 :][:20])

    def send() -> None:
        try:
            send_slice(kettle)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert len(timed.moments) == 40
    assert timed.moments[-1] - timed.moments[0] >= 39 / 50 - pacing.WINDOW_SECONDS - pacing.LATE_SECONDS


def test_no_turn_is_given_twice_and_none_is_saved_up():
    key = "ecrm:pace:test:1"
    first, second, third = (pacing.reserve(key, 10.0) for _ in range(3))
    assert first == 0.0
    assert 9 < second <= 10
    assert 19 < third <= 20


@pytest.fixture
def windows(monkeypatch):
    """(what is asked for, when it begins): reservations by a made-up answer."""
    asked = []
    monkeypatch.setattr(pacing, "reserve", lambda _key, seconds: asked.append(round(seconds, 6)) or 0.0)
    return asked


@pytest.mark.parametrize(("per_second", "wanted", "reserved"), [(1, 9, 1.0), (50, 9, 0.1), (50, 2, 0.04), (0, 1, 1.0)])
def test_a_tenth_of_a_second_is_reserved_or_what_is_wanted(windows, per_second, wanted, reserved):
    Pace(1, 2, per_second).look_ahead(wanted, 100.0)

    assert windows == [reserved]


def test_what_is_not_taken_in_its_time_lapses(windows):
    pace = Pace(1, 2, 50)
    pace.look_ahead(9, 100.0)
    pace.take()
    pace.look_ahead(8, 100.15)
    assert len(windows) == 1
    pace.look_ahead(8, 100.25)
    assert (len(windows), pace.next_at, pace.left) == (2, 100.25, 5)


def test_without_valkey_each_slot_keeps_to_its_share(monkeypatch, settings):
    monkeypatch.setattr(pacing, "valkey", lambda: redis.Redis(port=1, socket_connect_timeout=0.1))
    settings.ECRM_SENDER_SLOTS = 2
    pace, moments = Pace(1, 2, 50), []
    for _ in range(12):
        pace.look_ahead(99, 100.0)
        moments.append(pace.next_at)
        pace.take()

    assert moments[0] == 100.0
    assert moments[-1] - moments[0] == pytest.approx(11 * 3 / 50)
