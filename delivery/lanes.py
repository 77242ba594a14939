"""Lanes of sending: how many slots a workspace may hold at once, and one that no campaign ever takes.

A lane is a work of the agenda. `delivery.send` is always there; it calls the second one when more than one chunk waits, the
second the third, and so on: each is a slot in some sending process. What goes to one person because of something that
happened has a lane of its own. All of them run in the queue "sending", whose workers do nothing else: a server that never
answers holds the slots of its own workspace, and of them as many as a sender may have.
"""

import threading
from datetime import datetime

from celery.signals import worker_shutting_down
from django.conf import settings

from delivery.models import Message
from lib.clock import now
from lib.sql import read_sql, run_prepared
from workspaces import agenda
from workspaces.current import current_workspace_id
from workspaces.tasks import hurry

WORK, URGENT, QUEUE = "delivery.send", "delivery.urgent", "sending"
MOST_LANES = 4  # of one workspace
LANES = (WORK, *(f"{WORK}.{number}" for number in range(2, MOST_LANES + 1)))
KEPT_FREE = 2  # threads of a sending process that campaigns leave to what is urgent
ending = threading.Event()  # this process is asked to end: nothing is begun any more, what is under way gets its word
_campaigns = threading.BoundedSemaphore(max(1, settings.ECRM_SENDING_THREADS - KEPT_FREE))


def call_sender(message: Message, at: datetime | None = None) -> None:
    """There is something of this message to send, at once or at a moment."""
    work = URGENT if message.is_urgent else WORK
    if at is None or at <= now():
        hurry(work)
    else:
        agenda.set_due(work, at)


def call_next_lane(lane: str) -> None:
    """One more slot, where more waits in the open workspace than this one has taken."""
    if lane not in LANES[:-1]:
        return
    mine = {"workspace": current_workspace_id(), "sending": Message.State.SENDING.value}
    if run_prepared(read_sql("delivery/waiting"), mine)[0][0]:
        hurry(LANES[LANES.index(lane) + 1])


def take_slot() -> bool:
    """A thread for campaigns, where one is free; `give_slot` gives it back."""
    return _campaigns.acquire(blocking=False)


def give_slot() -> None:
    """It is free again."""
    _campaigns.release()


@worker_shutting_down.connect(dispatch_uid="delivery.ending")
def end_soon(**_: object) -> None:
    """Celery waits for what runs: for as long as a message takes, not for the rest of a slice."""
    ending.set()
