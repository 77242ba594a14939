"""What the running product holds in memory at rest: the proportional share (Pss) of each of its processes.

Measures the stack that runs here (`make up`); without one, starts one with its own demo and ends it. Linux only.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backstage.dev.places import ROOT, var_directory
from workspaces.models import Workspace

PARTS = ("web", "worker", "sender", "postgres", "valkey")
MOST_MB = 500
SETTLING_SECONDS, STARTING_SECONDS = 30, 300
PROC = Path("/proc")


def run(_workspace: Workspace) -> None:
    """Print a line for each process and the sum beside its limit; the launcher itself is no part of the product."""
    with _running() as var:
        total = 0.0
        for part in PARTS:
            leader = int(json.loads(next((var / "run").glob(f"{part}.pid")).read_text())["pid"])
            for pid in family_of(leader):
                size = pss_of(pid)
                total += size
                print(f"{part:9} {size:6.1f} MB  {_name_of(pid)}")
        web = int(json.loads((var / "run" / "web.pid").read_text())["pid"])
        for pid in beside(web):
            size = pss_of(pid)
            total += size
            print(f"{'nest':9} {size:6.1f} MB  {_name_of(pid)}")
        print(f"{'together':9} {total:6.1f} MB  of at most {MOST_MB}")


def family_of(leader: int) -> list[int]:
    """This process and all that it started, and they."""
    parents: dict[int, list[int]] = {}
    for entry in PROC.glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found = [leader]
    for pid in found:
        found += sorted(parents.get(pid, []))
    return found


def beside(part: int) -> list[int]:
    """The nest that this part was forked from, and what its library keeps beside it."""
    nest = parent_of(part)
    kin = [pid for pid in family_of(parent_of(nest))[1:] if parent_of(pid) == parent_of(nest)]
    return [pid for pid in kin if "multiprocessing" in _name_of(pid)]


def parent_of(pid: int) -> int:
    return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])


def pss_of(pid: int) -> float:
    """Megabytes: its own pages, and of each shared page its share. 0 when it has ended."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


def _name_of(pid: int) -> str:
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").split()
    except OSError:
        return "ended"
    return " ".join(Path(word).name if word.startswith("/") else word for word in words)[:70]


@contextmanager
def _running() -> Iterator[Path]:
    """The var directory of a stack that runs and has settled."""
    var = var_directory()
    if (var / "run" / "stack.json").exists():
        yield var
        return
    with tempfile.TemporaryDirectory(prefix="ecrm-resting-") as name:
        own = Path(name)
        own.chmod(0o711)  # PostgreSQL's user walks through it
        env = {"ECRM_VAR": str(own), "ECRM_PORT": "8399"}
        with (own / "said.txt").open("w") as said:
            command = [
                "env",
                "-u",
                "DATABASE_URL",
                "-u",
                "REDIS_URL",
                "-u",
                "ECRM_ASSUME_ROLE",
                "-u",
                "ADMIN_DATABASE_URL",
            ]
            command += [*(f"{key}={value}" for key, value in env.items()), sys.executable, "-m", "backstage.dev", "up"]
            launcher = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said, stdin=subprocess.DEVNULL)
        try:
            _wait_for(own / "run" / "stack.json", launcher)
            yield own
        finally:
            launcher.terminate()
            launcher.wait(60)


def _wait_for(file: Path, launcher: subprocess.Popen) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while not file.exists():
        if launcher.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the product did not start; {file.parent.parent / 'said.txt'} says why")
        time.sleep(0.2)
    time.sleep(SETTLING_SECONDS)
