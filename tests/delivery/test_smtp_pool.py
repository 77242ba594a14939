"""Several connections at once: who shares the work, what a broken one gives back, how many a server wants."""

import socket
import time

import pytest

from delivery.messengers.protocol import AskedToWaitError, ConnectionLostError, ServerDownError
from delivery.messengers.smtp_client import Account, OutgoingMessage
from delivery.messengers.smtp_pool import Pool, Unknown
from tests.delivery.rough_server import rough_server


class Ear:
    """A run's watch: what was marked in which order, who is stopped, when the next one may be taken."""

    def __init__(self, *, stops=(), pause=0.0) -> None:
        self.marks, self.beats, self.stops, self.pause, self.next_at = [], 0, set(stops), pause, 0.0

    def mark(self, slot, name):
        self.marks.append((slot, name))

    def beat(self):
        self.beats += 1

    def free_at(self):
        return self.next_at


@pytest.fixture(autouse=True)
def loopback(settings):
    settings.ECRM_FETCH_LOOPBACK = True


def letters(count: int, size: int = 200) -> list[OutgoingMessage]:
    body = b"Slow water, good leaves.\r\n" * (size // 26 + 1)
    return [
        OutgoingMessage(n, "a@k.example", f"p{n}@x.example", b"Subject: %d\r\n\r\n" % n + body) for n in range(count)
    ]


def deliver(pool: Pool, messages, ear: Ear) -> dict[int, object]:
    """Slot → last word."""
    waiting = iter(messages)

    def take():
        ear.next_at = time.monotonic() + ear.pause if ear.pause else 0.0
        return next(waiting, None)

    return {sent.slot: word for sent, word in pool.deliver(take, ear, lambda one: one.slot not in ear.stops)}


def pool_of(server, size: int = 4) -> Pool:
    return Pool(Account("127.0.0.1", server.port, "none"), size)


@pytest.mark.parametrize("pipelines", [True, False])
def test_connections_share_the_work_and_everybody_gets_one(pipelines):
    with rough_server(pipelines=pipelines, slow=0.01) as server:
        pool, ear = pool_of(server), Ear()
        words = deliver(pool, letters(200), ear)
        assert 2 <= len(pool) == server.widest <= 4
        pool.close()

    assert {str(word) for word in words.values()} == {"250 2.0.0 taken"}
    assert server.counts == {f"p{n}@x.example": 1 for n in range(200)}
    marks = {slot: [name for one, name in ear.marks if one == slot] for slot in range(200)}
    assert set(map(tuple, marks.values())) == {("about", "accepted")}


def test_one_person_needs_one_connection_and_it_is_kept():
    with rough_server() as server:
        pool = pool_of(server)
        for _ in range(2):
            assert list(deliver(pool, letters(1), Ear())) == [0]
        assert (server.seen, len(pool)) == (1, 1)
        pool.close()


def test_a_server_that_wants_fewer_connections_gets_fewer():
    with rough_server(most=2, slow=0.01) as server:
        pool = pool_of(server)
        words = deliver(pool, letters(100), Ear())
        assert len(pool) == server.widest == 2
        pool.close()

    assert len(words) == len(server.counts) == 100


def test_421_to_one_letter_costs_its_connection_and_not_the_letter():
    with rough_server(answers={"p30@x.example": "421 4.7.0 Slow down"}) as server:
        pool, ear = pool_of(server, 2), Ear()

        with pytest.raises(AskedToWaitError, match=r"421 4\.7\.0"):
            deliver(pool, letters(60), ear)

    # one connection or both were told so by then; what they had not begun is untouched, and nobody was told twice
    assert max(server.counts.values()) == 1
    assert server.counts["p30@x.example"] == 0
    assert [name for slot, name in ear.marks if slot == 30] in (["about", "untouched"], ["about", "untouched"] * 2)


@pytest.mark.parametrize(
    ("rules", "error", "said"),
    [
        ({"greets": "421 4.3.2 Not now"}, AskedToWaitError, "421 4.3.2"),
        ({"greets": "554 5.3.2 Never"}, ServerDownError, "refuses us"),
        ({"greets": "+OK POP3"}, ServerDownError, "speaks no SMTP"),
    ],
)
def test_the_first_connection_says_why_there_is_none(rules, error, said):
    with rough_server(**rules) as server:
        pool, ear = pool_of(server), Ear()
        with pytest.raises(error, match=said):
            deliver(pool, letters(3), ear)
        pool.close()
    with pytest.raises(ServerDownError, match="does not answer"):
        deliver(Pool(Account("127.0.0.1", 1, "none"), 4), letters(3), ear)
    assert ear.marks == []


def test_who_is_stopped_costs_a_connection_and_the_others_go_on():
    with rough_server() as server:
        pool, ear = pool_of(server), Ear(stops={7, 8, 50})
        words = deliver(pool, letters(100), ear)
        pool.close()

    assert set(words) == set(range(100)) - ear.stops
    assert set(server.counts.values()) == {1}
    assert {name for slot, name in ear.marks if slot in ear.stops} == {"about", "untouched"}


def test_a_line_that_is_cut_before_the_dot_left_leaves_the_letter_untouched():
    """A body larger than what the other side's window takes: the kernel still holds the dot when the line breaks."""
    with rough_server(cuts=2, small=True) as server:
        pool, ear = pool_of(server, 1), Ear()
        words = deliver(pool, letters(3, size=4_000_000), ear)
        pool.close()

    assert {str(word) for word in words.values()} == {"250 2.0.0 taken"}
    assert [name for slot, name in ear.marks if slot == 0] == ["about", "untouched"] * 2 + ["about", "accepted"]
    assert set(server.counts.values()) == {1}


def test_a_server_that_cuts_bodies_makes_us_careful_and_one_in_doubt_at_most_a_connection():
    """From the first unknown outcome on, the dot waits until the server had the time to break off."""
    with rough_server(cuts=3, cut_at=400) as server:
        pool, ear = pool_of(server, 1), Ear()
        words = deliver(pool, letters(6, size=4_000), ear)
        pool.close()

    unknown = [slot for slot, word in words.items() if isinstance(word, Unknown)]
    assert unknown == [0]
    assert server.counts == {f"p{n}@x.example": 1 for n in range(1, 6)}
    assert [name for slot, name in ear.marks if slot == 1] == ["about", "accepted"]  # cut twice before its dot


def test_a_server_that_cuts_every_line_is_given_up():
    with rough_server(cuts=1000, cut_at=10) as server:
        pool, ear = pool_of(server, 2), Ear()
        with pytest.raises(ConnectionLostError, match=r"closed the connection|connection broke"):
            deliver(pool, letters(30, size=4_000), ear)
        pool.close()

    assert server.letters == []


def test_a_line_that_the_server_closes_while_nothing_is_sent_is_let_go_and_opened_again():
    with rough_server() as server:
        pool, ear = pool_of(server, 1), Ear()
        waiting = iter(letters(2))

        def take():
            ear.next_at = time.monotonic() + 0.5
            return next(waiting, None)

        looks, select = [], pool._selector.select

        def count(seconds=None):
            looks.append(seconds)
            return select(seconds)

        pool._selector.select = count
        words = pool.deliver(take, ear, lambda _one: True)
        next(words)
        for peer in server.peers:
            peer.shutdown(socket.SHUT_RDWR)
        looks.clear()
        assert len(list(words)) == 1
        pool.close()

    assert len(server.letters) == 2
    assert len(looks) < 100  # half a second of waiting, and a line that opens


def test_a_server_that_closes_each_idle_line_at_once_is_a_trouble():
    with rough_server(closes_idle=True) as server:
        pool, ear = pool_of(server, 1), Ear()
        ear.next_at = time.monotonic() + 30
        with pytest.raises(ConnectionLostError):
            list(pool.deliver(lambda: None, ear, lambda _one: True))
        pool.close()

    assert server.seen <= 10


def test_a_pace_leaves_the_lines_open_and_hears_answers_meanwhile():
    with rough_server() as server:
        pool, ear = pool_of(server), Ear(pause=0.01)
        began = time.monotonic()
        words = deliver(pool, letters(12), ear)
        took = time.monotonic() - began
        pool.close()

    assert len(words) == 12
    assert took >= 0.1
