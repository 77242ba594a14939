"""The nest: a process that has read the product's code once, from which web, worker and sender are forked (Linux).

They share its pages: a process of its own costs 150 MB and three seconds of CPU, one from the nest half of that and
none. The nest is the standard library's fork server; it ends with us, and what was forked from it ends with it.
"""

import contextlib
import ctypes
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path

from backstage.dev.children import PR_SET_PDEATHSIG

IS_POSSIBLE = sys.platform.startswith("linux")
PR_SET_NAME = 15
_context = multiprocessing.get_context("forkserver") if IS_POSSIBLE else None


def warm_nest(env: Mapping[str, str]) -> None:
    """Have the nest read the code, beside whatever else goes on."""
    if _context:
        _context.set_forkserver_preload(["backstage.dev.preloading", __name__])
        with _environment(env):
            forkserver.ensure_running()


class Hatched:
    """A process forked from the nest, in a session of its own; what Child asks of subprocess.Popen.

    `command`: a Python program's file and its words. It runs with `env`, and what it says comes out of `stdout`. It
    gets the signal `stop_with` when the nest ends. `returncode` as Popen has it; 255 when the nest went first.
    """

    def __init__(self, name: str, command: Sequence[str | Path], env: Mapping[str, str], stop_with: int) -> None:
        assert _context is not None  # noqa: S101 (asked only where IS_POSSIBLE)
        warm_nest(env)
        said, sink = _context.Pipe(duplex=False)
        words = [str(word) for word in command]
        self._process = _context.Process(target=hatch, args=(name, words, dict(env), sink, stop_with))
        with _environment(env):
            self._process.start()
        sink.close()
        self.stdout = os.fdopen(os.dup(said.fileno()), "rb")
        said.close()
        self.pid = int(self._process.pid or 0)

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The return code; subprocess.TimeoutExpired when it did not end within `timeout` seconds."""
        self._process.join(timeout)
        if (code := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code

    def run(self, hear: Callable[[str], None]) -> int:
        """Hand each line that it says to `hear` until it ends; the return code. Whoever interrupts us ends it, too."""
        try:
            with self.stdout:
                for line in self.stdout:
                    hear(line.decode(errors="replace").rstrip())
            return self.wait()
        finally:
            self.send_signal(signal.SIGTERM)

    def send_signal(self, sign: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, sign)


def hatch(name: str, words: list[str], env: dict[str, str], sink: Connection, stop_with: int) -> None:
    """In the new process: become the program that `words` name."""
    nest, libc = os.getppid(), ctypes.CDLL(None, use_errno=True)
    os.setsid()
    libc.prctl(PR_SET_PDEATHSIG, stop_with)
    if os.getppid() != nest:
        os._exit(1)  # it went before the kernel was asked
    libc.prctl(PR_SET_NAME, name.encode())
    with open(os.devnull) as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    for descriptor in (1, 2):
        os.dup2(sink.fileno(), descriptor)
    sink.close()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    known = os.environ.get("DATABASE_URL")
    os.environ.clear()
    os.environ.update(env)
    multiprocessing.set_start_method("fork", force=True)  # for workers of its own
    if (url := env.get("DATABASE_URL", "")) != (known or ""):
        _connect_as(url)
    if env.get("DB_POOL") == "1":
        _use_pool()
    sys.argv = words
    runpy.run_path(words[0], run_name="__main__")


def _connect_as(url: str) -> None:
    """The nest read the settings for all, as the app; who migrates is the owner of the tables."""
    import environ  # noqa: PLC0415 - as below
    from django.db import connections  # noqa: PLC0415

    asked = environ.Env.db_url_config(url)
    connections.settings["default"] |= {part: asked[part] for part in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}


def _use_pool() -> None:
    """The nest read the settings for all, without a pool of connections; the web has one."""
    from django.conf import settings  # noqa: PLC0415 - Django is there only behind the fork
    from django.db import connections  # noqa: PLC0415

    database = connections.settings["default"]
    database["CONN_MAX_AGE"] = 0
    database["OPTIONS"]["pool"] = settings.DATABASE_POOL


@contextlib.contextmanager
def _environment(env: Mapping[str, str]) -> Iterator[None]:
    """Inside, the process's own environment is `env`: that is what the nest begins with."""
    kept = dict(os.environ)
    os.environ.clear()
    os.environ.update(env)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
