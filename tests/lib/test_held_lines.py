"""Lines on which the other side says that there is news."""

import select

import pytest

from lib.connections.held_lines import LineEndedError, LineRefusedError, open_events
from lib.connections.imap import Account
from lib.connections.imap_idle import open_idle
from lib.connections.outgoing import UnsafeAddressError
from tests.social.streams import EventServer, IdleServer


@pytest.fixture
def loopback(settings):
    settings.ECRM_FETCH_LOOPBACK = True


@pytest.fixture
def events(loopback):
    server = EventServer()
    yield server
    server.close()


@pytest.fixture
def mailbox(loopback):
    server = IdleServer()
    yield server
    server.close()


def heard(line):
    """What is heard of what has been told."""
    assert select.select([line], [], [], 10)[0]
    return line.hear()


def test_news_are_a_sign_and_heartbeats_are_none(events):
    line = open_events(f"{events.url}/api/v1/streaming/user/notification", {"Authorization": "Bearer x"})
    assert events.opened.acquire(timeout=10)
    assert "Authorization: Bearer x" in events.heads[0]
    assert line.hear() == (False, False)

    events.tell(b":thump\n")
    assert heard(line) == (True, False)
    events.tell(b'event: notification\ndata: {"id":"1"}\n\n')
    assert heard(line) == (True, True)
    events.hang_up()
    with pytest.raises(LineEndedError):
        heard(line)
    line.close()


@pytest.mark.parametrize(("status", "kind", "why"), [
    (404, "application/json", LineRefusedError),
    (200, "text/html", LineRefusedError),
    (302, "text/event-stream", LineRefusedError),
    (429, "text/plain", LineEndedError),
    (503, "text/plain", LineEndedError),
])  # fmt: skip
def test_what_is_no_stream_is_not_asked_again_soon_and_who_is_away_is(events, status, kind, why):
    events.status, events.kind = status, kind
    if status == 200:
        events.opened.acquire(blocking=False)
    with pytest.raises(why):
        open_events(events.url, {})


def test_a_row_without_end_costs_no_memory(events):
    line = open_events(events.url, {})
    assert events.opened.acquire(timeout=10)
    events.tell(b"x" * 1_000_000)
    assert heard(line)[1] is False
    assert len(line.rest) <= 4_096
    line.close()


def test_no_line_goes_into_a_private_network(settings):
    settings.ECRM_FETCH_LOOPBACK = False
    with pytest.raises(UnsafeAddressError):
        open_events("http://127.0.0.1:8080/stream", {})
    with pytest.raises(LineRefusedError, match="unsafe"):
        open_idle(Account("127.0.0.1", 143, "me", "open", "none"), "INBOX")


def account(server, password="open"):  # noqa: S107 - of a server of our own
    return Account("127.0.0.1", server.port, "me", password, "none")


def test_a_message_more_is_a_sign_and_other_words_are_none(mailbox):
    line = open_idle(account(mailbox), "INBOX")
    assert mailbox.idling.acquire(timeout=10)
    assert mailbox.commands[-2:] == ['EXAMINE "INBOX"', "IDLE"]

    mailbox.tell(b"* OK Still here\r\n* 2 FETCH (FLAGS (\\Seen))\r\n")
    assert heard(line) == (True, False)
    mailbox.tell(b"* 4 EXI")
    assert heard(line) == (True, False)
    mailbox.tell(b"STS\r\n")
    assert heard(line) == (True, True)
    mailbox.tell(b"* BYE shutting down\r\n")
    with pytest.raises(LineEndedError, match="goodbye"):
        heard(line)
    line.close()


def test_it_says_a_word_now_and_then_and_goes_on_waiting(mailbox):
    line = open_idle(account(mailbox), "INBOX")
    assert mailbox.idling.acquire(timeout=10)

    line.keep()

    assert mailbox.idling.acquire(timeout=10)
    assert mailbox.commands[-2:] == ["DONE", "IDLE"]
    mailbox.tell(b"* 5 EXISTS\r\n")
    while not (found := heard(line))[1]:
        assert found[0]
    line.close()


@pytest.mark.parametrize(("knows", "password"), [("", "open"), ("IDLE", "wrong")])
def test_a_mailbox_that_does_not_tell_or_let_us_in_is_not_asked_again_soon(mailbox, knows, password):
    mailbox.knows = knows
    with pytest.raises(LineRefusedError):
        open_idle(account(mailbox, password), "INBOX")
