"""Beat inside a worker: `celery --app ecrm worker --beat-schedule FILE` starts what is due, too.

A process of its own would cost 120 MB to wake up once a second. Celery's own `worker -B` forks one all the same, and one
that nobody starts again when it dies; here it is a timer of the worker's loop, so it lives exactly as long as the worker.
One worker of an installation may have it, or everything is started twice; docker-compose.yml keeps a service of its own.
"""

from typing import Any

from celery import Celery, bootsteps
from celery.beat import Service
from celery.bin.base import CeleryOption

SHORTEST, LONGEST = 0.05, 5.0  # seconds between two looks at the schedule


class Beating(bootsteps.StartStopStep):
    """A part of the worker's consumer: begins with each connection to the broker, pauses when it is lost."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, beat_schedule: str | None = None, **options: Any) -> None:
        super().__init__(consumer, **options)
        self.enabled = bool(beat_schedule)
        which = consumer.app.conf.beat_scheduler
        options_of_beat = {"schedule_filename": beat_schedule, "scheduler_cls": which, "remote_control": False}
        self._service: Any = Service(consumer.app, **options_of_beat)
        self._next: Any = None

    def include_if(self, _consumer: Any) -> bool:
        return self.enabled

    def start(self, consumer: Any) -> None:
        self.stop(consumer)
        self._wake_up(consumer.timer)

    def stop(self, _consumer: Any) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def shutdown(self, consumer: Any) -> None:
        """Keep in the file when each thing was last started, so that what was missed follows after a restart."""
        self.stop(consumer)
        if "scheduler" in vars(self._service):
            self._service.scheduler.close()

    def _wake_up(self, timer: Any) -> None:
        scheduler, wait = self._service.scheduler, LONGEST
        try:
            wait = scheduler.tick()
            if scheduler.should_sync():
                scheduler._do_sync()
        finally:  # whatever went wrong (the loop logs it), the next look follows
            self._next = timer.call_after(min(max(wait, SHORTEST), LONGEST), self._wake_up, (timer,))


def offer_beat(app: Celery) -> None:
    """Let a worker of `app` be its beat, too."""
    words = "Be the beat, too, and keep its schedule in this file. For one worker of an installation."
    app.user_options["worker"].add(CeleryOption(["--beat-schedule"], help=words))
    app.steps["consumer"].add(Beating)
