"""A server that breaks off behind each message: the sender stops, also where each message has one reader."""

import pytest

from delivery.engine.controlling import resume
from delivery.engine.sending import send_due
from delivery.models import Delivery, Message, Sender
from delivery.pace.braking import MOST_UNKNOWN_IN_A_ROW, Brake
from delivery.senders import wake_sender
from tests.delivery.rough_server import rough_server
from tests.factories.campaigns import make_campaign, make_sender, planned
from tests.factories.contacts import make_reader

State = Delivery.State


def states() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


@pytest.fixture
def cutting(inside):
    """Five messages of one reader each by a server that cuts each body; it has been sent what goes."""
    make_reader()
    with rough_server(cuts=100, cut_at=100) as server:
        sender = make_sender(port=server.port)
        messages = [planned(make_campaign(sender)).message for _ in range(5)]
        send_due(inside)
        yield server, sender, messages


def test_the_fourth_message_of_one_reader_is_paused_with_the_reason_and_nothing_of_it_left(cutting):
    _server, _sender, messages = cutting

    assert Delivery.objects.filter(state=State.IN_DOUBT).count() == MOST_UNKNOWN_IN_A_ROW
    untouched = Delivery.objects.filter(message__in=messages[3:]).values_list("state", "attempts")
    assert list(untouched) == [(State.QUEUED, 0)] * 2
    assert states() == ["sent"] * 3 + ["paused"] * 2
    assert "broke off again and again" in Message.objects.get(pk=messages[3].pk).state_reason
    assert Sender.objects.get().failures == 1  # that the others were not tried is no failure of theirs


def test_whoever_resumes_has_looked_and_what_is_taken_lets_go(cutting, inside):
    server, _sender, messages = cutting
    server.cuts = 0

    resume(messages[3], by=None)
    send_due(inside)

    assert states() == ["sent"] * 4 + ["paused"]
    assert len(server.letters) == 1


def test_a_message_that_is_taken_in_between_begins_the_count_anew(inside):
    make_reader()
    with rough_server(cuts=2, cut_at=100) as server:
        sender = make_sender(port=server.port)
        for _ in range(3):
            planned(make_campaign(sender))
        send_due(inside)
    found = Brake(inside.pk, sender.pk)
    found.read()
    assert found.count == 0


def test_saving_the_sender_lets_go(cutting, inside):
    _server, sender, _messages = cutting

    wake_sender(Sender.objects.get())

    found = Brake(inside.pk, sender.pk)
    found.read()
    assert (found.count, Sender.objects.get().failures) == (0, 0)
