"""Trying a message out where it can be stopped: a process of its own, with a limit of time and memory that the system holds.

What a marketer writes is compiled by libraries (Markdown, MJML, CSS, Liquid), each of which may meet an input that keeps
it busy for hours; Python's threads cannot be stopped from outside. So previews and checks are made here first:

    this process ── a pickled Job ──> zygote (Django is loaded, no database) ── fork ──> child, limited, one job
                 <── JSON answer ───                                         <── JSON ──

The zygote lives as long as its parent (it ends when its standard input closes); a child lives for one job. An answer
that does not come in time costs the child its life, one that never comes the zygote. Jobs go one after another.
"""

import atexit
import contextlib
import os
import pickle
import select
import subprocess
import sys
import threading
import time
from typing import Any

import msgspec
import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from delivery.content.compiling import Written
from delivery.content.liquid import BadTemplateError, Fields, MissingFieldError
from delivery.content.zygote import TOO_MUCH, WALL_SECONDS, Answer, Job, write_block
from delivery.models import Message
from workspaces.current import OpenWorkspace

START_SECONDS = 60

log = structlog.get_logger(__name__)


class _Zygote:
    """The process that forks a child for each job; started at the first job, and again after it was killed."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self.parent = 0
        self.is_ready = False

    def begin(self) -> None:
        """Start it, and wait for nothing: the first job does."""
        with self.lock:
            self._begun()

    def ask(self, job: Job) -> Answer:
        """The answer to a job; BadTemplateError when it takes too much."""
        with self.lock:
            process = self._living()
            try:
                write_block(process.stdin, pickle.dumps(job))
                raw = _read_in_time(process.stdout, WALL_SECONDS + 5)
            except (OSError, EOFError, TimeoutError) as error:
                self._end()
                raise BadTemplateError(TOO_MUCH) from error
            return msgspec.json.decode(raw, type=Answer)

    def _living(self) -> Any:
        process = self._begun()
        if not self.is_ready:
            _read_in_time(process.stdout, START_SECONDS)
            self.is_ready = True
        return process

    def _begun(self) -> Any:
        if self.process is not None and (self.parent != os.getpid() or self.process.poll() is not None):
            self._end()
        if self.process is None:
            self.parent = os.getpid()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "delivery.content.zygote"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=settings.BASE_DIR,
            )
            self.is_ready = False
        return self.process

    def _end(self) -> None:
        """Let go of the zygote; one that belongs to the process that this one was forked from goes on living."""
        process, self.process = self.process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        if self.parent == os.getpid():
            process.kill()
            process.wait()
        else:
            process.returncode = 0  # not our child: nobody here waits for it


_zygote = _Zygote()
atexit.register(_zygote._end)


def begin_sandbox() -> None:
    """Start the process in which `try_out` compiles, beside whatever else goes on. May be repeated."""
    _zygote.begin()


def try_out(message: Message, workspace: OpenWorkspace, fields: Fields | None = None) -> Written | None:
    """Compile the message in a process that can be killed; write it for `fields`, or proofread it where there are none.

    Addresses of links are plain ones. BadTemplateError (also when it takes too much), MissingFieldError.
    """
    _read = message.content, message.topic, message.sender  # read here: the other process has no database
    answer = _zygote.ask(Job(message, workspace, fields))
    if answer.broke is not None:
        log.error("content_broke", message=message.pk, traceback=answer.broke)
        raise BadTemplateError(_("it cannot be read, and the reason stands in the server's log"))
    if answer.missing is not None:
        raise MissingFieldError(answer.missing)
    if answer.wrong is not None:
        raise BadTemplateError(answer.wrong)
    return Written(*answer.written) if answer.written else None


def _read_in_time(pipe: Any, seconds: float) -> bytes:
    """One block, or TimeoutError, or EOFError."""
    ends = time.monotonic() + seconds
    descriptor = pipe.fileno()

    def take(count: int) -> bytes:
        found = b""
        while len(found) < count:
            if not select.select([descriptor], [], [], max(0, ends - time.monotonic()))[0]:
                raise TimeoutError
            more = os.read(descriptor, count - len(found))
            if not more:
                raise EOFError
            found += more
        return found

    return take(int.from_bytes(take(8)))
