"""Starting the launcher as a person does: another process, with a var directory of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NOT_INHERITED = (
    "DATABASE_URL",
    "OWNER_DATABASE_URL",
    "ADMIN_DATABASE_URL",
    "REDIS_URL",
    "ECRM_ASSUME_ROLE",
    "ECRM_URL",
)


@contextlib.contextmanager
def launched(var: Path, *command: str, **extra: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m backstage.dev COMMAND` in a process group of its own; ended when the block ends."""
    env = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED} | {"ECRM_VAR": str(var), **extra}
    said = (var.parent / f"{var.name}-said.txt").open("w")
    launcher = subprocess.Popen(
        [sys.executable, "-m", "backstage.dev", *command],
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


@contextlib.contextmanager
def open_directory() -> Iterator[Path]:
    """A new directory that PostgreSQL's user may walk to: pytest's own are closed to all but us, again and again."""
    with tempfile.TemporaryDirectory(prefix="ecrm-tests-") as name:
        Path(name).chmod(0o711)
        yield Path(name).resolve()


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


def family_of(pid: int) -> set[int]:
    """The process and all that descends from it, whatever sessions they have made for themselves (Linux)."""
    family, grown = set[int](), {pid}
    while grown - family:
        family |= grown
        grown = {child for child, parent in _parents().items() if parent in family}
    return family


def alive(pids: set[int]) -> set[int]:
    """Those that still run (Linux)."""
    return pids & _parents().keys()


def _parents() -> dict[int, int]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, parent, *_ = (entry / "stat").read_text().rpartition(")")[2].split()
                if state != "Z":
                    found[int(entry.name)] = int(parent)
    return found
