"""A notice that a machine asks for while a campaign of everybody goes out by two processes: how soon a server has it."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

from bench.sending_process import send_all
from bench.sink import serve_forever
from contacts.models import Contact
from delivery.engine.controlling import cancel
from delivery.models import Message, Sender
from delivery.transactional.machine_sends import send_by_machine
from delivery.transactional.templates import approve_template, version_named, write_template
from workspaces.current import working_in
from workspaces.models import Workspace

NOTICES, PORT, PROCESSES, MOST_SECONDS = 60, 2628, 2, 30
WORDS = {
    "subject": "Order {{ data.order }}",
    "preheader": "",
    "body_format": "markdown",
    "body": "Hello, it is on its way.",
}
fork, spawn = multiprocessing.get_context("fork"), multiprocessing.get_context("spawn")


def run_beside(workspace: Workspace, campaign: Message, sender: Sender) -> str:
    """Send the planned campaign and, beside it, one notice after another; what came of it in a line. The rest is cancelled."""
    with working_in(workspace):
        own = Sender.objects.create(
            name="Notices", kind="smtp", per_second=1_000_000, settings=sender.settings | {"port": PORT}
        )
        template = write_template(
            None, name=f"Order {campaign.pk}", sender=own, example={"order": "A-1"}, by=None, **WORDS
        )
        approve_template(template, by=None)
        someone = Contact.objects.exclude(email="").order_by("pk").first()
    if someone is None:
        raise RuntimeError("nobody to write to")
    with _listening() as arrived, _sending(workspace, campaign):
        waits = sorted(_one(workspace, someone, template.name, number, arrived) for number in range(NOTICES))
        with working_in(workspace):
            left = Message.objects.get(pk=campaign.pk).state
    return (
        f"a notice beside a campaign of {campaign.planned_count:,} ({left}): {waits[NOTICES // 2]:.2f} s to the server in the"
        f" median, {waits[NOTICES * 95 // 100]:.2f} s at p95, of at most 2"
    )


def _one(workspace: Workspace, someone: Contact, name: str, number: int, arrived: Any) -> float:
    """Seconds from the asking until the server has it whole."""
    arrived.value, began = 0.0, time.monotonic()
    with working_in(workspace):
        send_by_machine(someone, version_named(name), data={"order": f"A-{number}"})
    while not arrived.value:
        if time.monotonic() - began > MOST_SECONDS:
            raise RuntimeError("a notice did not arrive")
        time.sleep(0.002)
    return float(arrived.value) - began


@contextmanager
def _listening() -> Iterator[Any]:
    arrived = fork.Value("d", 0.0)
    server = fork.Process(target=serve_forever, args=(PORT, arrived), daemon=True)
    server.start()
    time.sleep(0.5)
    try:
        yield arrived
    finally:
        server.terminate()
        server.join()


@contextmanager
def _sending(workspace: Workspace, campaign: Message) -> Iterator[None]:
    """Two processes that send what there is; what is left of the campaign is cancelled at the end."""
    heard: Any = spawn.SimpleQueue()
    together = spawn.Barrier(PROCESSES + 1)
    connections.close_all()
    senders = [spawn.Process(target=send_all, args=(workspace.slug, together, heard, True)) for _ in range(PROCESSES)]
    for one in senders:
        one.start()
    together.wait()
    try:
        yield
    finally:
        with working_in(workspace):
            cancel(campaign, by=None)
        for one in senders:
            heard.get()
            one.join()
