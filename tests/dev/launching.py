"""Starting the launcher as a person does: another process, with a var directory of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_INHERITED = ("DATABASE_URL", "OWNER_DATABASE_URL", "ADMIN_DATABASE_URL", "REDIS_URL", "ECRM_ASSUME_ROLE", "ECRM_URL")


@contextlib.contextmanager
def launched(var: Path, *command: str, **extra: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m ecrm.dev COMMAND` in a process group of its own; ended when the block ends."""
    env = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED} | {"ECRM_VAR": str(var), **extra}
    said = (var.parent / f"{var.name}-said.txt").open("w")
    launcher = subprocess.Popen(
        [sys.executable, "-m", "ecrm.dev", *command],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield launcher
    finally:
        if launcher.poll() is None:
            launcher.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                launcher.wait(15)
        launcher.kill()
        launcher.wait()
        said.close()


def what_it_said(var: Path) -> str:
    return (var.parent / f"{var.name}-said.txt").read_text()


def wait_until(true: Callable[[], object], seconds: float = 20) -> bool:
    """Whether `true()` becomes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False


def sessions_of(var: Path) -> set[int]:
    """The sessions that the launcher's children lead, by its own notes."""
    return {json.loads(file.read_text())["pid"] for file in (var / "run").glob("*.pid")}


def alive_in(sessions: set[int]) -> set[int]:
    """Every process, children of children too, that lives in one of the sessions (Linux)."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if fields[0] != "Z" and int(fields[3]) in sessions:
                    found.add(int(entry.name))
    return found
