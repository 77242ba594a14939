"""Several requests at once: whatever goes wrong for one, the others under way get their word."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from delivery.messengers.protocol import ConnectionLostError, Outcome, OutcomeKind, Recipient
from messengers.http.in_flight import InFlight
from tests.delivery.test_ways_out import Watch

TAKEN = Outcome(OutcomeKind.ACCEPTED, "200")


def people(count: int) -> list[Recipient]:
    return [Recipient(number, number, f"{number}@x.example", 1, {}) for number in range(count)]


def test_its_word_comes_before_the_trouble():
    def write(one):
        if one.slot == 1:
            raise ConnectionLostError("the database is away")
        return lambda: None

    said = []
    with ThreadPoolExecutor(2) as threads, pytest.raises(ConnectionLostError):
        for one, outcome in InFlight(threads, 2, write=write, judge=lambda asked: TAKEN).send(iter(people(3)), Watch()):
            said.append((one.slot, outcome))

    assert said == [(0, TAKEN)]


def test_what_cannot_be_sent_after_all_left_nothing_behind():
    """A kill before it is written down makes it asked again, and answered alike."""
    marks = []
    watch = Watch()
    watch.mark = lambda slot, name: marks.append((slot, name))
    unsendable = Outcome(OutcomeKind.UNSENDABLE, "413", "render_error")

    with ThreadPoolExecutor(1) as threads:
        run = InFlight(threads, 1, write=lambda one: lambda: None, judge=lambda asked: unsendable)
        assert [outcome for _one, outcome in run.send(iter(people(1)), watch)] == [unsendable]

    assert marks == [(0, "about"), (0, "untouched")]
