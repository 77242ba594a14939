"""Real processes to kill: one that has loaded the product and forks at a word, so that a kill costs milliseconds."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import connection

FORKER = """
import os, signal, sys
import django; django.setup()
from django.urls import get_resolver
get_resolver("ecrm.urls").reverse_dict, get_resolver("ecrm.urls_workspace").reverse_dict  # once, not in each child
from lib.rooms import house
from delivery.engine import sending
from workspaces import agenda
from workspaces.models import Workspace
from workspaces.too_slow import limit_statements

limit_statements("worker")

def hang(workspace):
    print("begun", flush=True)
    sys.stdin.readline()

def stop_while_it_finishes(workspace):
    plain = sending.finish_chunk

    def finish(*args, **facts):
        ours = plain(*args, **facts)
        sending.finish_chunk = plain
        os.kill(os.getpid(), signal.SIGSTOP)
        return ours

    sending.finish_chunk = finish
    sending.send_due(workspace)

house.works["test.hang"], house.works["test.stop"] = hang, stop_while_it_finishes
for line in sys.stdin:
    slug, work = line.split()
    child = os.fork()
    if not child:
        status = 1
        try:
            agenda.do_work(Workspace.objects.get(slug=slug), work)
            status = 0
        finally:
            os._exit(status)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""

LOOKS = 10


class Forker:
    """Runs one work of the agenda at a time in a child of its own."""

    def __init__(self, var: Path, **more: str) -> None:
        self.var, self.running = var, 0
        known = connection.settings_dict
        url = f"postgres://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"
        env = os.environ | {
            "DATABASE_URL": url, "ECRM_VAR": str(var), "ECRM_ASSUME_ROLE": "ecrm_app", "LOG_LEVEL": "CRITICAL",
            "SECRET_KEY": settings.SECRET_KEY, "DJANGO_SETTINGS_MODULE": "ecrm.settings", "ECRM_FETCH_LOOPBACK": "1",
        } | more  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-c", FORKER],
            env=env, cwd=settings.BASE_DIR, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def begin(self, slug: str, work: str) -> int:
        """Let a child do this work; returns its process number."""
        self.process.stdin.write(f"{slug} {work}\n")
        self.process.stdin.flush()
        self.running = int(self.heard())
        return self.running

    def heard(self) -> str:
        """The next line that it or its child says."""
        return self.process.stdout.readline().strip()

    def stop(self, child: int) -> None:
        """SIGSTOP outside any transaction, whose locks would be waited for; the kernel has stopped it when its state says so."""
        while True:
            os.kill(child, signal.SIGSTOP)
            self.await_stop(child)
            if not any(self._others_in_transactions() for _look in range(LOOKS)):
                return
            self.go_on(child)

    def await_stop(self, child: int) -> None:
        """Wait until the kernel has stopped it."""
        while Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            pass

    def _others_in_transactions(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.02)")  # what it sent a moment ago may begin one
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user"
                " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
            )
            return int(cursor.fetchone()[0])

    def go_on(self, child: int) -> None:
        """SIGCONT."""
        os.kill(child, signal.SIGCONT)

    def kill(self, child: int) -> bool:
        """SIGKILL; whether that is what ended it (else it had ended by itself). May be repeated."""
        if self.running != child:
            return False
        self.running = 0
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        return int(self.heard()) == -signal.SIGKILL

    def end_child(self) -> None:
        """A child of ours that runs on, or is stopped, would hold for ever what it has locked."""
        with suppress(FileNotFoundError, ProcessLookupError):
            parent = int(Path(f"/proc/{self.running}/stat").read_text().rpartition(")")[2].split()[1])
            if parent == self.process.pid:
                os.kill(self.running, signal.SIGKILL)


@contextmanager
def forking(var: Path, **more: str) -> Iterator[Forker]:
    """A forker, ended with the block; `more` of its environment."""
    forker = Forker(var, **more)
    try:
        yield forker
    finally:
        forker.end_child()
        forker.process.stdin.close()
        forker.process.kill()
        forker.process.wait()
        forker.process.stdout.close()
