"""Beat inside a worker: started where it is asked for, cancelled with the connection, never there twice."""

from types import SimpleNamespace

import pytest

from backstage.operating.beating import Beating
from backstage.operating.pulse import Scheduler
from ecrm.celery import app


class Timer:
    """A worker's timer that never fires by itself."""

    def __init__(self):
        self.waiting = []

    def call_after(self, seconds, call, arguments):
        entry = SimpleNamespace(
            seconds=seconds, call=lambda: call(*arguments), cancel=lambda: self.waiting.remove(entry)
        )
        self.waiting.append(entry)
        return entry


@pytest.fixture
def consumer():
    return SimpleNamespace(app=app, timer=Timer())


@pytest.fixture
def due(monkeypatch):
    """Nothing is sent: what the schedule says is due is written down here."""
    sent = []
    monkeypatch.setattr(Scheduler, "apply_async", lambda self, entry, **_: sent.append(entry.task))
    monkeypatch.setattr(Scheduler, "_ensure_connected", lambda self: None)
    return sent


def test_a_worker_is_no_beat_unless_it_is_told_where_to_keep_the_schedule(consumer):
    assert not Beating(consumer).include_if(consumer)


def test_it_wakes_up_again_and_again_and_a_lost_connection_does_not_double_it(consumer, due, tmp_path):
    beat = Beating(consumer, beat_schedule=str(tmp_path / "schedule"))
    assert beat.include_if(consumer)

    beat.start(consumer)
    beat.start(consumer)  # the connection was lost and is there again
    (first,) = consumer.timer.waiting
    consumer.timer.waiting.clear()
    first.call()

    (second,) = consumer.timer.waiting
    assert 0.05 <= second.seconds <= 5
    beat.shutdown(consumer)
    assert consumer.timer.waiting == []
    assert list(tmp_path.iterdir())


def test_the_scheduler_is_the_one_that_gives_signs_of_life(consumer, tmp_path):
    beat = Beating(consumer, beat_schedule=str(tmp_path / "schedule"))

    assert isinstance(beat._service.scheduler, Scheduler)
    beat.shutdown(consumer)


def test_after_a_failure_it_looks_again(consumer, monkeypatch, tmp_path):
    beat = Beating(consumer, beat_schedule=str(tmp_path / "schedule"))
    monkeypatch.setattr(Scheduler, "tick", lambda self: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        beat.start(consumer)

    assert [entry.seconds for entry in consumer.timer.waiting] == [5]
    beat.shutdown(consumer)
