"""Child processes that die with us, and are found again if they did not."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from backstage.dev.passwords import write_private

PR_SET_PDEATHSIG = 1
LAST_WORDS = 15  # lines
KEPT = ("postgres", "valkey", "echo", "texts", "web", "worker", "sender")  # the children of `up`


def die_with_parent(sign: int) -> Callable[[], None] | None:
    """A function for Popen's preexec_fn: the child gets `sign` when we die (Linux only).

    The kernel ties this to the *thread* that started the child: start children from the main thread.
    """
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def ask_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, sign)
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


def end_on_signals() -> None:
    """Ctrl-C, SIGTERM and a closed terminal all end the launcher in order, also when a shell had us ignore Ctrl-C."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asks to stay
        signal.signal(signal.SIGHUP, interrupt)


class Child:
    """One server we started, in a session of its own so that Ctrl-C reaches us alone.

    `process`: one that began already, and can do what subprocess.Popen can.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
        stop_with: int = signal.SIGTERM,
        pid_file: Path | None = None,
        process: Any = None,
        **popen: Any,
    ) -> None:
        self.name, self.stop_with, self.pid_file, self.log = name, stop_with, pid_file, log
        self._said: deque[str] = deque(maxlen=LAST_WORDS)
        sink: Any = subprocess.PIPE if log is None else log.open("ab")
        self.process = process or subprocess.Popen(
            [str(part) for part in command],
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(stop_with),  # noqa: PLW1509 (no other thread holds a lock when we fork)
            **popen,
        )
        if log is not None:
            sink.close()
        if pid_file is not None:
            write_private(pid_file, json.dumps({"pid": self.process.pid, "started": started(self.process.pid)}))

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def echo(self, to: TextIO, width: int) -> None:
        """Copy what the child says to `to`, each line with its name before it, until it ends."""
        threading.Thread(target=self._copy, args=(to, width), daemon=True).start()

    def _copy(self, to: TextIO, width: int) -> None:
        assert self.process.stdout is not None  # noqa: S101 (only called for piped children)
        for line in self.process.stdout:
            text = line.decode(errors="replace").rstrip()
            self._said.append(text)
            to.write(f"{self.name:<{width}} | {text}\n")
            to.flush()

    def last_words(self) -> str:
        """The end of what the child said, or of its log."""
        if self.log is None:
            return "\n".join(self._said)
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LAST_WORDS:])

    def ask_to_stop(self) -> None:
        if self.is_alive():
            self.process.send_signal(self.stop_with)

    def stop(self, patience: float = 10) -> bool:
        """Ask the child to stop, wait, and end its whole session if it does not listen; whether it did."""
        self.ask_to_stop()
        try:
            self.process.wait(patience)
            listened = True
        except subprocess.TimeoutExpired:
            end_session(self.process.pid)
            self.process.wait()
            listened = False
        if self.pid_file is not None:
            self.pid_file.unlink(missing_ok=True)
        return listened


def end_session(leader: int) -> None:
    """SIGKILL to every process of the session that `leader` leads."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def started(pid: int) -> str | None:
    """A mark of when `pid` began, so that a reused number is not taken for our child; None when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        fields = []
    if fields:
        return None if fields[0] == "Z" else fields[19]
    if Path("/proc/self/stat").exists():
        return None
    asked = subprocess.run(["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or None


def end_leftovers(run: Path, only: Iterable[str] = KEPT) -> list[str]:
    """End what a killed launcher left behind, by the pid files in `run`; returns the names. May be repeated."""
    ended = []
    for file in [run / f"{name}.pid" for name in only if (run / f"{name}.pid").exists()]:
        try:
            known = json.loads(file.read_text())
            pid, mark = int(known["pid"]), known["started"]
        except (ValueError, KeyError, TypeError):
            file.unlink(missing_ok=True)
            continue
        if mark is not None and started(pid) == mark:
            _end(pid, mark)
            ended.append(file.stem)
        file.unlink(missing_ok=True)
    return ended


def _end(pid: int, mark: str) -> None:
    for sign, patience in ((signal.SIGINT, 3.0), (signal.SIGTERM, 2.0), (signal.SIGKILL, 2.0)):
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if started(pid) != mark:
                return
            time.sleep(0.05)
