"""A sender is tried by a worker: within its time, to no private place, and nothing the other side says is shown."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from delivery import test_sends
from delivery.messengers.protocol import AskedToWaitError, ServerDownError, code_in
from delivery.messengers.smtp_client import Account, Smtp
from delivery.models import Trial
from delivery.test_sends import ask_trial, send_trials
from lib.connections.outgoing import own_ports, parse_allowed
from tests.factories.campaigns import make_sender
from workspaces.models import AgendaItem

SECRET = "+OK the-secret-of-the-house"


@contextmanager
def speaking(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on loopback that does this with every line it gets, until the block ends; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            while True:
                try:
                    peer, _address = server.accept()
                except OSError:
                    return
                with peer:
                    try:
                        talk(peer)
                    except OSError:
                        continue

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def drip(peer: socket.socket) -> None:
    """A byte each 20 ms, never a whole answer."""
    for _ in range(3000):
        peer.sendall(b"2")
        time.sleep(0.02)


def says(*lines: str) -> Callable[[socket.socket], None]:
    """Greets with the first line, then answers each write with the next."""

    def talk(peer: socket.socket) -> None:
        for line in lines:
            peer.sendall(f"{line}\r\n".encode())
            if not peer.recv(65536):
                return
        peer.recv(65536)

    return talk


def tried(workspace, ada, **settings) -> Trial:
    """The sender with these settings, tried."""
    trial = ask_trial(make_sender(**settings), by=ada)
    send_trials(workspace)
    trial.refresh_from_db()
    return trial


@pytest.mark.parametrize(
    "talk", [lambda peer: peer.recv(1), drip, lambda peer: peer.sendall(b"220 x\r\n2") or drip(peer)]
)
def test_a_server_that_never_gets_to_the_point_costs_the_time_of_a_try(inside, ada, monkeypatch, talk):
    monkeypatch.setattr(test_sends, "SECONDS", 0.2)
    with speaking(talk) as port:
        trial = tried(inside, ada, port=port)

    assert trial.state == Trial.State.FAILED
    assert "cannot be used" in trial.said


@pytest.mark.parametrize(
    "talk",
    [
        says(SECRET),
        says("-NOAUTH Authentication required. the-secret-of-the-house"),
        says("554 the-secret-of-the-house"),
        says("421 the-secret-of-the-house"),
        says("220 the-secret-of-the-house", "550 the-secret-of-the-house", "550 the-secret-of-the-house"),
        says("220 x", "250 x", "550 5.7.1 the-secret-of-the-house", "550 x", "550 x"),
        says("220 x", "250 x", "250 x", "250 x", "354 x", "554 5.7.1 the-secret-of-the-house"),
    ],
)
def test_nothing_that_a_server_says_is_shown(inside, ada, talk):
    with speaking(talk) as port:
        trial = tried(inside, ada, port=port)

    trial.sender.refresh_from_db()
    assert trial.state == Trial.State.FAILED
    assert "secret" not in trial.said + trial.sender.last_error
    assert trial.sender.last_error == trial.said != ""


def test_no_line_is_opened_to_a_private_place(inside, ada, settings):
    settings.ECRM_FETCH_LOOPBACK = False
    heard: list[bytes] = []
    with speaking(lambda peer: heard.append(peer.recv(100))) as port:
        trial = tried(inside, ada, port=port)

    assert (trial.state, heard) == (Trial.State.FAILED, [])
    assert "127.0.0.1 is not a public address" in trial.said


def test_our_own_valkey_is_nobodys_mail_server(inside, ada, settings):
    settings.ECRM_OUTGOING_ALLOWED = parse_allowed(["127.0.0.0/8"])
    with speaking(says(SECRET)) as port:
        settings.ECRM_OWN_PORTS = own_ports(f"redis://127.0.0.1:{port}/0")
        trial = tried(inside, ada, port=port)

    assert "We do not connect to" in trial.said


def test_a_relay_that_the_operator_allows_is_used(inside, ada, room, settings):
    settings.ECRM_FETCH_LOOPBACK = False
    settings.ECRM_OUTGOING_ALLOWED = parse_allowed([f"127.0.0.1:{room.port}"])

    assert tried(inside, ada, port=room.port).state == Trial.State.SENT
    assert room.counts == {ada.email: 1}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "::1", "169.254.169.254"])
def test_the_form_refuses_a_private_place(as_ada, kettle, settings, host):
    settings.ECRM_FETCH_LOOPBACK = False
    said = {
        "name": "Post", "from_name": "Kettle", "from_email": "hi@kettle.example", "host": host, "port": "25",
        "security": "none", "per_second": "50",
    }  # fmt: skip

    answer = as_ada.post("/w/kettle/campaigns/senders/new/", said)

    assert (answer.status_code, "We do not connect to this server" in answer.text) == (422, True)


def test_asking_twice_is_one_try_and_a_worker_that_died_is_followed(inside, ada, room):
    sender = make_sender(port=room.port)
    first = ask_trial(sender, by=ada)
    assert ask_trial(sender, by=ada).pk == first.pk
    assert AgendaItem.objects.filter(work=test_sends.WORK).exists()
    later = timezone.now() + timedelta(seconds=30)
    Trial.objects.update(leased_until=later)

    assert (send_trials(inside), room.counts) == (later, {})

    Trial.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert (send_trials(inside), room.counts) == (None, {ada.email: 1})


def test_what_nobody_foresaw_ends_the_try_and_not_the_work(inside, ada, room, monkeypatch):
    broken = ask_trial(make_sender(port=room.port, host=5), by=ada)
    fine = ask_trial(make_sender(port=room.port), by=ada)

    send_trials(inside)

    broken.refresh_from_db()
    fine.refresh_from_db()
    assert (broken.state, fine.state) == (Trial.State.FAILED, Trial.State.SENT)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("535 5.7.8 wrong", "535 5.7.8"),
        ("535 wrong", "535"),
        ("250", "250"),
        ("250 2.0.0", "250 2.0.0"),
        ("550 5.1.1secret", "550"),
        ("secret 535", ""),
        ("131026 Message undeliverable", "131026"),
        ("12345678901 secret", ""),
    ],
)
def test_a_code_is_all_that_is_taken_of_an_answer(answer, code):
    assert code_in(answer) == code


def test_a_limit_covers_the_greeting_too():
    with speaking(drip) as port, pytest.raises((ServerDownError, AskedToWaitError)):
        Smtp(Account("127.0.0.1", port, "none"), seconds=0.1)
