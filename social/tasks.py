"""The stream runner lives in a worker whose tasks are threads: it waits, which costs a thread and no process."""

import threading
from typing import Any

from celery.signals import worker_ready, worker_shutdown, worker_shutting_down

from social.streaming import Runner

ENDS_WITHIN = 3.0
_running: list[tuple[Runner, threading.Thread]] = []


@worker_ready.connect(dispatch_uid="social.streams")
def start_streams(sender: Any = None, **_: Any) -> None:
    """Begin to hear what is wanted, where nothing forks. May be repeated."""
    if _running or not is_of_threads(getattr(sender, "pool", None)):
        return
    runner = Runner()
    thread = threading.Thread(target=runner.run, name="streams", daemon=True)
    _running.append((runner, thread))
    thread.start()


@worker_shutting_down.connect(dispatch_uid="social.streams.ending")
def end_streams(**_: Any) -> None:
    """Hang up. May be repeated."""
    for runner, _thread in _running:
        runner.end()


@worker_shutdown.connect(dispatch_uid="social.streams.ended")
def wait_for_end(**_: Any) -> None:
    """What was heard here may be heard by another at once."""
    end_streams()
    while _running:
        _running.pop()[1].join(ENDS_WITHIN)


def is_of_threads(pool: Any) -> bool:
    """Whether this pool of a worker runs its tasks in threads."""
    return type(pool).__module__ == "celery.concurrency.thread"
