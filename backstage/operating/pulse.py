"""Signs of life of worker, beat and sender, and how much waits for them. Raises redis.RedisError while Valkey is down."""

import contextlib
import time
from typing import Any

import redis
from celery import Celery, current_app
from celery.beat import PersistentScheduler
from celery.signals import celeryd_init, heartbeat_sent

from lib.rooms import house
from lib.valkey import valkey

PULSES = ("worker", "beat", "sender")
EVERY_SECONDS = 5  # celery's worker beats each 2 s, beat's scheduler wakes when something is due
LOST_AFTER_SECONDS = 60
SENDING = "sending@"  # how the host name of a worker begins that only sends
_last: dict[str, float] = {}
_own = ["worker"]


def give_pulse(process: str) -> None:
    """Say that `process` lives, at most each EVERY_SECONDS. Silent while Valkey is down: this must not end a worker."""
    now = time.time()
    if now - _last.get(process, 0) < EVERY_SECONDS:
        return
    _last[process] = now
    with contextlib.suppress(redis.RedisError):
        valkey().set(f"ecrm:pulse:{process}", f"{now:.3f}", ex=86_400)


def pulse_ages() -> dict[str, float | None]:
    """Seconds since each was last heard of; None: never (or not for a day)."""
    now = time.time()
    heard = valkey().mget([f"ecrm:pulse:{process}" for process in PULSES])
    return {p: None if at is None else max(0.0, now - float(at)) for p, at in zip(PULSES, heard, strict=True)}


def queue_depths() -> dict[str, int]:
    """How many tasks wait, per queue."""
    names = sorted({*current_app.amqp.queues, *house.work_queues.values()})
    with valkey().pipeline(transaction=False) as pipe:
        for name in names:
            pipe.llen(name)
        return dict(zip(names, pipe.execute(), strict=True))


def give_worker_pulse(**_: Any) -> None:
    """Celery's worker sends its heartbeat."""
    give_pulse(_own[0])


def name_worker(sender: object = "", **_: Any) -> None:
    """A worker begins, and says by its host name what it is for."""
    _own[0] = "sender" if str(sender).startswith(SENDING) else "worker"


def watch_worker(app: Celery) -> None:
    """Let the workers of `app` give a pulse with each of celery's own heartbeats, and its beat with each wake-up."""
    celeryd_init.connect(name_worker, dispatch_uid="ecrm.pulse.name")
    heartbeat_sent.connect(give_worker_pulse, dispatch_uid="ecrm.pulse")
    app.conf.beat_scheduler = "backstage.operating.pulse:Scheduler"
    app.conf.beat_max_loop_interval = EVERY_SECONDS


class Scheduler(PersistentScheduler):
    """Celery's own scheduler, which also says that it lives."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Do what is due; the answer is the seconds until the next wake-up."""
        give_pulse("beat")
        return float(super().tick(*args, **kwargs))
