"""Work in the background: opened for one workspace, enqueued only after commit."""

import functools
from collections.abc import Callable
from typing import Any

import structlog
from celery import Task, shared_task
from celery.signals import worker_ready, worker_shutdown
from django.db import DatabaseError, connections, transaction
from kombu.exceptions import OperationalError

from lib.logs import name_workspace
from lib.rooms import house
from workspaces import agenda
from workspaces.current import current_workspace_id, working_in
from workspaces.languages import team_language
from workspaces.models import Workspace

log = structlog.get_logger(__name__)


def workspace_task(**options: Any) -> Callable[[Callable[..., Any]], "WorkspaceTask"]:
    """A Celery task that runs inside `working_in(workspace)` and its language; the workspace comes as workspace_id=."""

    def wrap(function: Callable[..., Any]) -> WorkspaceTask:
        @functools.wraps(function)
        def run(*, workspace_id: int, **kwargs: Any) -> Any:
            name_workspace(workspace_id)
            workspace = Workspace.objects.get(pk=workspace_id)
            with working_in(workspace), team_language(workspace):
                return function(**kwargs)

        return WorkspaceTask(shared_task(**options)(run))

    return wrap


class WorkspaceTask:
    """What the rooms call: `task.enqueue(**ids)` after commit, or `task.now(**ids)` in tests and commands."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.name = task.name

    def enqueue(self, **kwargs: Any) -> None:
        """Run it soon in a worker, for the open workspace, once this transaction is committed."""
        kwargs["workspace_id"] = current_workspace_id()
        transaction.on_commit(functools.partial(send_task, self.task, kwargs))

    def now(self, **kwargs: Any) -> Any:
        """Run it here."""
        return self.task(workspace_id=current_workspace_id(), **kwargs)


def send_task(task: Task, kwargs: dict[str, Any], *, queue: str | None = None) -> bool:
    """Hand a task to the broker. A broker that is down costs a log line: the agenda brings the work back."""
    try:
        if queue is None:
            task.apply_async(kwargs=kwargs)
        else:
            task.apply_async(kwargs=kwargs, queue=queue)
    except OperationalError as error:
        log.warning("broker_down", task=task.name, error=str(error))
        return False
    return True


def hurry(name: str) -> None:
    """This work of the open workspace is due now, and a worker is called as soon as this transaction is committed: it
    waits for no tick. Where that call gets lost, the next tick calls.
    """
    agenda.set_due(name)
    transaction.on_commit(functools.partial(call_worker, current_workspace_id(), name))


def call_worker(workspace_id: int, name: str) -> bool:
    """Invite a worker to one item of the agenda, in the queue of its work."""
    return send_task(run_item, {"workspace_id": workspace_id, "name": name}, queue=house.work_queues.get(name))


@shared_task(name="agenda.tick", ignore_result=True)
def tick() -> int:
    """Give back what the dead held, then invite workers to what is due, one task an item. Returns how many."""
    agenda.free_items_of_the_dead()
    due = agenda.invite_due_items()
    for workspace_id, name in due:
        if not call_worker(workspace_id, name):
            agenda.take_back_invitation(workspace_id, name)
    return len(due)


@shared_task(name="agenda.run", time_limit=agenda.HUNG_AFTER_SECONDS)
def run_item(*, workspace_id: int, name: str) -> None:
    """Do one item of one workspace's agenda, if it is still due and nobody is at it: a task is only an invitation."""
    name_workspace(workspace_id)
    agenda.do_work(Workspace.objects.get(pk=workspace_id), name)


@worker_ready.connect(dispatch_uid="agenda.free")
@worker_shutdown.connect(dispatch_uid="agenda.free")
def free_items(**_: Any) -> None:
    """A worker starts or has stopped: what this host's ended processes held is free at once."""
    try:
        agenda.free_items_of_the_dead()
    except DatabaseError as error:
        log.warning("agenda_not_freed", error=str(error))
    finally:
        connections.close_all()  # celery's parent forks again: no child may inherit an open connection
