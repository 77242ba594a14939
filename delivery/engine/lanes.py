"""Lanes of sending: how many slots a workspace may hold at once, and one that no campaign ever takes.

A lane is a work of the agenda. `delivery.send` is always there; it calls the second one when more than one chunk waits, the
second the third, and so on: each is a slot in some sending process. What goes to one person because of something that
happened has a lane of its own. All of them run in the queue "sending", whose workers do nothing else: a server that never
answers holds the slots of its own workspace, and of them as many as a sender may have. Whatever runs in these processes
takes one of their threads here, so that no workspace ever holds more than half of them.
"""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from celery.signals import worker_shutting_down
from django.conf import settings

from delivery.engine.urgency import is_urgent
from delivery.models import Message
from lib.clock import now
from lib.sql import read_sql, run_prepared
from workspaces import agenda
from workspaces.current import current_workspace_id
from workspaces.models import Workspace
from workspaces.tasks import hurry

Work = Callable[..., datetime | None]

WORK, URGENT, QUEUE = "delivery.send", "delivery.urgent", "sending"
MOST_LANES = 4  # of one workspace
LANES = (WORK, *(f"{WORK}.{number}" for number in range(2, MOST_LANES + 1)))
PLANS, TRIALS = "campaigns.plan", "delivery.trials"
MOST_AT_ONCE = {PLANS: 1, TRIALS: 1}  # of all workspaces, in a process
KEPT_FREE = 3  # threads of a sending process that campaigns leave: to planning, to trials, and one to what is urgent
WAIT_FOR_SLOT = timedelta(seconds=1)
ending = threading.Event()  # this process is asked to end: nothing is begun any more, what is under way gets its word
_lock = threading.Lock()
_held: Counter[tuple[int, str]] = Counter()  # (workspace, kind of slot) → threads of this process


def call_sender(message: Message, at: datetime | None = None) -> None:
    """There is something of this message to send, at once or at a moment."""
    work = URGENT if is_urgent(message) else WORK
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


def in_slot(kind: str) -> Callable[[Work], Work]:
    """A work of the agenda that holds a thread of this process, one of this kind, and comes again soon where none is free."""

    def wrap(work: Work) -> Work:
        @wraps(work)
        def run(workspace: Workspace, **options: Any) -> datetime | None:
            if not take_slot(workspace.pk, kind):
                return now() + WAIT_FOR_SLOT
            try:
                return work(workspace, **options)
            finally:
                give_slot(workspace.pk, kind)

        return run

    return wrap


def take_slot(workspace_id: int, kind: str) -> bool:
    """A thread of this process, where one is free; `give_slot` gives it back.

    A workspace holds at most half of them, and of these the last only for what is urgent.
    """
    with _lock:
        if _is_free(workspace_id, kind):
            _held[workspace_id, kind] += 1
            return True
        return False


def give_slot(workspace_id: int, kind: str) -> None:
    """It is free again."""
    with _lock:
        _held[workspace_id, kind] -= 1
        if not _held[workspace_id, kind]:
            del _held[workspace_id, kind]


def _is_free(workspace_id: int, kind: str) -> bool:
    mine = {one: count for (whose, one), count in _held.items() if whose == workspace_id}
    urgent, half = mine.get(URGENT, 0), max(1, settings.ECRM_SENDING_THREADS // 2)
    if kind == URGENT:
        return not urgent
    most = MOST_AT_ONCE.get(kind) or max(1, settings.ECRM_SENDING_THREADS - KEPT_FREE)
    of_kind = sum(count for (_whose, one), count in _held.items() if one == kind)
    return sum(mine.values()) - urgent < max(1, half - 1) and of_kind < most


@worker_shutting_down.connect(dispatch_uid="delivery.ending")
def end_soon(**_: object) -> None:
    """Celery waits for what runs: for as long as a message takes, not for the rest of a slice."""
    ending.set()
