"""`make bench [ARGS="name …"]`: run benchmarks, on a PostgreSQL and a Valkey of their own that are gone afterwards."""

import importlib
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path

import django
from django.conf import settings

from backstage.dev.children import end_on_signals
from backstage.dev.problems import ServerError
from backstage.dev.product import manage
from backstage.dev.servers import clear_stale, throw_away_servers
from bench.noise import Noise
from bench.report import Tee, write_section

NAMES = (
    "recording",
    "rebuilding",
    "segments",
    "shapes",
    "pages",
    "ingestion",
    "importing",
    "duplicates",
    "bouncing",
    "sending",
    "urgent",
    "judging",
    "preflight",
    "resting",
    "permission",
    "emails",
    "picks",
    "experiments",
    "feelings",
    "inbox",
)
NOT_OURS = {"OWNER_DATABASE_URL", "DB_POOL", "ECRM_DEMO", "ECRM_URL", "MAILER_URL"}  # a shell may have them set


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all of them; how noisy the machine was stands below each.

    In a world of another scale (BENCH_SCALE) they are only printed: docs/benchmarks.md tells of the whole one.
    """
    if unknown := sorted(set(names) - set(NAMES)):
        print(f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(NAMES)}.")
        return 2
    end_on_signals()
    clear_stale("bench")
    try:
        with throw_away_servers(f"bench-{os.getpid()}", tuning=roomy(memory())) as servers:
            return _run(names or list(NAMES), servers)
    except ServerError as problem:
        print(f"ecrm: {problem}")
        return 1
    except KeyboardInterrupt:
        return 130


def memory() -> int:
    """Bytes of memory that this machine has; 0 where it does not tell."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def roomy(bytes_here: int) -> dict[str, str]:
    """Settings of a PostgreSQL in whose memory the world fits: half of the machine's, 2 GB at most.

    With the 128 MB of a demo each figure would be that of copying pages from the system's cache.
    """
    megabytes = min(2048, bytes_here // 2**21)
    return {"shared_buffers": f"{megabytes}MB", "max_wal_size": "8GB"} if megabytes > 128 else {}


def _run(names: list[str], servers: dict[str, str]) -> int:
    for name in NOT_OURS:
        os.environ.pop(name, None)
    os.environ.update(servers, DJANGO_SETTINGS_MODULE="ecrm.settings", LOG_LEVEL="ERROR")
    os.environ.setdefault("ECRM_FETCH_LOOPBACK", "1")  # its own servers listen there
    as_owner = {k: v for k, v in os.environ.items() if k != "ECRM_ASSUME_ROLE"}
    if manage(["migrate", "--noinput", "--verbosity", "0"], as_owner):
        print("The migrations failed; the lines above say why.")
        return 1
    django.setup()
    settings.ALLOWED_HOSTS = ["testserver"]  # what Django's own client calls itself
    founding = importlib.import_module("workspaces.founding")
    workspace = founding.found_workspace("bench", "Benchmarks")
    for name in names:
        print(f"== {name}", flush=True)
        noise, printed = Noise(Path("/proc")), Tee()
        with redirect_stdout(printed):
            importlib.import_module(f"bench.{name}").run(workspace)
            print(noise.told(), flush=True)
        if os.environ.get("BENCH_SCALE", "1") == "1":
            write_section(name, printed.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
