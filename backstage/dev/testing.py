"""`test` and `lint`: the checks and the tests, on servers of their own."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from backstage.dev.checks import Outcome, run_checks
from backstage.dev.children import die_with_parent, end_on_signals
from backstage.dev.places import ROOT
from backstage.dev.servers import clear_stale, throw_away_servers

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NOT_FOR_TESTS = {
    "OWNER_DATABASE_URL",
    "ECRM_DEMO",
    "ECRM_URL",
    "MAILER_URL",
    "DB_POOL",
}  # a shell may have them set
NO_TESTS = 5  # pytest's exit code when nothing was collected


def check() -> int:
    """Every check; 1 when one failed."""
    with _servers() as env:
        return _sum_up(run_checks(env))


def test(arguments: Sequence[str]) -> int:
    """Every check, then every test; with arguments only the tests that they name. 1 when anything failed."""
    with _servers() as env:
        outcomes = [] if arguments else run_checks(env)
        return _sum_up([*outcomes, *_run_tests(arguments, env)])


@contextlib.contextmanager
def _servers() -> Iterator[dict[str, str]]:
    """Servers of this run's own; yields the whole environment of the checks and tests."""
    end_on_signals()
    clear_stale("test")
    ours = {k: v for k, v in os.environ.items() if k not in NOT_FOR_TESTS}
    with throw_away_servers(f"test-{os.getpid()}") as servers:
        yield ours | servers | {"DJANGO_SETTINGS_MODULE": "ecrm.settings"}


def find_browser() -> str | None:
    """A chromium of the PATH, else the one that Playwright has fetched; one without a window of its own is best.

    The others draw tabs and a toolbar that nobody sees, which costs three times the CPU of the page itself.
    """
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found_here = sorted(cache.glob("chromium-*/chrome-linux*/chrome"))
    found_here += sorted(cache.glob("chromium_headless_shell-*/chrome-*/*headless*shell"))
    return str(found_here[-1]) if found_here else None


def _run_tests(arguments: Sequence[str], servers: Mapping[str, str]) -> list[Outcome]:
    browser = find_browser()
    env = dict(servers) | {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"}  # Playwright's own loop runs in the tests' thread
    if browser:
        env["ECRM_CHROMIUM"] = browser
    workers = (
        []
        if any(a.startswith("-n") for a in arguments)
        else ["-n", str(_processes()), "--dist", "loadfile", "--no-loadscope-reorder"]
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *workers, *arguments],
        cwd=ROOT,
        env=env,
        check=False,
        stdin=subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    note = "no test was found" if done.returncode == NO_TESTS else ""
    outcomes = [Outcome("tests", done.returncode == 0, time.monotonic() - began, note)]
    if not browser:
        missing = "no chromium in the PATH: the browser tests were SKIPPED"
        sys.stdout.write(f"\n!!! {missing} !!!\n")
        outcomes.append(Outcome("browser", os.environ.get("CI") != "true", 0, missing))
    return outcomes


def _processes() -> int:
    """One more than there are processors: each waits a third of its time for PostgreSQL, a browser or a killed process."""
    return max(2, min((os.cpu_count() or 1) + 1, 6))


def _sum_up(outcomes: Sequence[Outcome]) -> int:
    width = max(len(outcome.name) for outcome in outcomes)
    verdicts = {True: "ok  ", False: "FAIL"}
    lines = [
        f"{outcome.name:<{width}}  {verdicts[outcome.passed]} {outcome.seconds:7.1f} s  {outcome.note}".rstrip()
        for outcome in outcomes
    ]
    sys.stdout.write("\n" + "\n".join(lines) + "\n")
    return 0 if all(outcome.passed for outcome in outcomes) else 1
