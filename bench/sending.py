"""What sending costs: 100,000 personal emails of 14 kB with ten counted links through the whole engine, two processes.

Five rounds with the ledger's facts, five without, each to other people as far as there are so many. Each round is claimed, rendered, handed over to Debian postfix's smtp-sink and finished, ledger included; in between the
same number goes by smtp-source, its own generator in C, which renders nothing and keeps nothing. Where they are missing, a
sink of ours takes the emails, and there is nothing to compare with. CPU of Python is that of the sending processes, which
are begun anew for each round and wait for each other (sending_process.py); of PostgreSQL that of their backends.
"""

import multiprocessing
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

from bench.beside import run_beside
from bench.sending_process import send_all
from bench.sink import serve_forever
from bench.world import the_world
from delivery.engine.controlling import approve, cancel, schedule
from delivery.engine.planning import plan
from delivery.engine.sending import send_slice
from delivery.models import Content, Delivery, Message, Sender
from lib.sql import run_text
from workspaces.current import working_in
from workspaces.models import Workspace

ROUNDS, PROCESSES, PORT, FIRST_PORT = 5, 2, 2626, 2627
EACH = round(100_000 * min(1, float(os.environ.get("BENCH_SCALE", "1")) * 4))
BINARIES = "/usr/sbin:/usr/local/sbin:" + os.environ.get("PATH", "")
PARAGRAPH = "Slow water, good leaves, and a little patience: that is most of it. "
BODY = "# Hello {{ contact.first_name | default: 'there' }}\n\n" + "\n\n".join(
    f"{PARAGRAPH * 6}[Read on about tea {n}](https://kettle.example/tea/{n})." for n in range(10)
)
WILLING = """SELECT n.contact_id FROM consent_consentnow n WHERE n.workspace_id = %(workspace)s AND n.topic_id = %(topic)s
  AND n.channel = 1 AND n.state = 1 AND NOT EXISTS (SELECT FROM contacts_contact c WHERE c.workspace_id = %(workspace)s
  AND c.id = n.contact_id AND c.contact_frequency = 0) ORDER BY n.contact_id"""
context, apart = multiprocessing.get_context("fork"), multiprocessing.get_context("spawn")


def run(_workspace: Workspace) -> None:
    """Print the figures."""
    workspace = the_world()
    with _sink():
        sender, topic = _sender(workspace)
        for words in _first_message(workspace, sender, topic):
            print(words, flush=True)
        print(_beside(workspace, sender, topic), flush=True)
        ours, theirs, silent = [], [], []
        for number in range(ROUNDS):
            ours.append(_round(workspace, sender, topic, number))
            theirs += _source()
            silent.append(_round(workspace, sender, topic, number + 2, records=False)[1])
    python, postgres, wall, memory = (statistics.median(one) for one in zip(*ours, strict=True))
    without = statistics.median(silent)
    print(f"{ROUNDS} rounds of {EACH:,} emails by {PROCESSES} processes, medians:")
    print(f"Python      {python:6.1f} µs CPU an email; {python / 120:.2f} of the limit of 120")
    print(
        f"PostgreSQL  {postgres:6.1f} µs CPU an email with the ledger's facts; {postgres / 90:.2f} of the limit of 90"
    )
    print(f"            {without:6.1f} µs without them; {without / 25:.2f} of the limit of 25")
    print(f"wall        {1e6 / wall:6.0f} emails a second; a process took up to {memory:.0f} MB, of at most 200")
    if theirs:
        rate = statistics.median(theirs)
        print(
            f"smtp-source {rate:6.0f} a second, rendering nothing; ours is {1e6 / wall / rate:.2f} times that, of at least 1.0"
        )


def _round(
    workspace: Workspace, sender: Sender, topic: int, number: int, *, records: bool = True
) -> tuple[float, float, float, float]:
    """(µs of Python, µs of PostgreSQL, µs on the clock) an email, and megabytes of a process."""
    message = _approved(workspace, sender, topic)
    _plan(workspace, message, topic, EACH, first=number * EACH)
    heard: Any = apart.SimpleQueue()
    together = apart.Barrier(PROCESSES + 1)
    connections.close_all()
    senders = [
        apart.Process(target=send_all, args=(workspace.slug, together, heard, records)) for _ in range(PROCESSES)
    ]
    for one in senders:
        one.start()
    together.wait()
    began = time.perf_counter()
    told = [heard.get() for _ in senders]
    wall = time.perf_counter() - began
    for one in senders:
        one.join()
    with working_in(workspace):
        count = Delivery.objects.filter(message=message, state=Delivery.State.SENT).count()
    if count != EACH:
        raise RuntimeError(f"{count} of {EACH} sent")
    python, postgres, size = zip(*told, strict=True)
    each = 1e6 / count
    return sum(python) * each, sum(postgres) * each, wall * each, max(size)


def _first_message(workspace: Workspace, sender: Sender, topic: int) -> Iterator[str]:
    """How long planning takes, and how soon after Send a server has the first email whole, by the server's own clock."""
    for count, most in ((EACH, 2), (1_000_000, 12)):
        message = _approved(workspace, sender, topic)
        arrived: Any = context.Value("d", 0.0)
        server = context.Process(target=serve_forever, args=(FIRST_PORT, arrived), daemon=True)
        server.start()
        time.sleep(0.5)
        with working_in(workspace):
            Sender.objects.filter(pk=sender.pk).update(settings=sender.settings | {"port": FIRST_PORT})
        began = time.monotonic()
        _plan(workspace, message, topic, count)
        planned = time.monotonic() - began
        send_slice(workspace, seconds=5)
        server.terminate()
        server.join()
        if not arrived.value:
            raise RuntimeError("no email arrived")
        with working_in(workspace):
            Sender.objects.filter(pk=sender.pk).update(settings=sender.settings)
            people = Message.objects.get(pk=message.pk).planned_count
            cancel(message, by=None)
        first = arrived.value - began
        yield f"first email {first:.2f} s after Send at {people:,}, of at most {most}"
        yield f"planning {people:,} people took {planned:.2f} s of it, of at most 10 for a million"


def _beside(workspace: Workspace, sender: Sender, topic: int) -> str:
    message = _approved(workspace, sender, topic)
    _plan(workspace, message, topic, 1_000_000)
    with working_in(workspace):
        message.refresh_from_db()
    return run_beside(workspace, message, sender)


def _sender(workspace: Workspace) -> tuple[Sender, int]:
    with working_in(workspace):
        settings = {"host": "127.0.0.1", "port": PORT, "security": "none", "from_name": "Kettle"}
        settings |= {"from_email": "a@kettle.example", "return_path_domain": "returns.kettle.example"}
        sender = Sender.objects.create(name="Bench", kind="smtp", per_second=1_000_000, settings=settings)
        ((topic,),) = run_text(
            "SELECT topic_id FROM consent_consentnow WHERE state = 1 GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        )
    return sender, int(topic)


def _approved(workspace: Workspace, sender: Sender, topic: int) -> Message:
    with working_in(workspace):
        content = Content.objects.create(subject="News for {{ contact.first_name | default: 'you' }}", body=BODY)
        return approve(Message.objects.create(name="Bench", content=content, sender=sender, topic_id=topic), by=None)


def _plan(workspace: Workspace, message: Message, topic: int, count: int, *, first: int = 0) -> None:
    with working_in(workspace):
        plan(schedule(message, by=None), f"{WILLING} OFFSET {int(first)} LIMIT {int(count)}", {"topic": topic})


def _source() -> list[float]:
    """Emails a second of smtp-source; none where it is not installed."""
    found = shutil.which("smtp-source", path=BINARIES)
    if found is None or shutil.which("smtp-sink", path=BINARIES) is None:
        return []
    began = time.perf_counter()
    subprocess.run([found, "-s", "10", "-l", "14600", "-m", str(EACH), f"127.0.0.1:{PORT}"], check=True)
    return [EACH / (time.perf_counter() - began)]


@contextmanager
def _sink() -> Iterator[None]:
    """Who takes the emails, on a port of its own."""
    found = shutil.which("smtp-sink", path=BINARIES)
    if found is None:
        print("smtp-sink is not installed: a sink of ours takes the emails")
        process: Any = context.Process(target=serve_forever, args=(PORT,), daemon=True)
        process.start()
    else:
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        process = subprocess.Popen([found, *user, f"127.0.0.1:{PORT}", "1000"])
    time.sleep(0.5)
    try:
        yield
    finally:
        process.terminate()
        process.wait() if isinstance(process, subprocess.Popen) else process.join()
