"""The product's own processes: its commands, the web server, the worker, which is the beat, too, and who sends."""

import json
import secrets
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from backstage.dev import nest
from backstage.dev.children import Child, die_with_parent
from backstage.dev.nest import Hatched
from backstage.dev.passwords import write_private
from backstage.dev.places import ROOT
from backstage.dev.ports import LOOPBACK, free_port, is_free

BIN = Path(sys.executable).parent
ROOT_IS_FINE = "ignore:You're running the worker with superuser privileges"  # it is the demo's worker, on loopback
# One process, and threads that wait for servers: a process for each would cost 60 MB. What plans and sends runs here, so
# that one process is enough for the rest of a demo, and all of it rests in less than 500 MB.
SENDING = (
    *("--queues", "sending", "--hostname", "sending@%h", "--pool", "threads", "--prefetch-multiplier", "1"),
    *("--without-gossip", "--without-mingle"),
)
TEXTS = "texts.json"  # the same of its gateway for texts
ECHO = "echo.json"  # the port and token of the demo's echo network: made once and kept, so that the demo finds it again
THREADS = 8  # below settings' pool of 10 connections, so that no request waits for one


def manage(arguments: Sequence[str], env: Mapping[str, str]) -> int:
    """Run a management command in a process of its own and wait for it; it ends with us. Returns its return code."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=dict(env),
        check=False,
        preexec_fn=die_with_parent(signal.SIGTERM),
    ).returncode


def begin(arguments: Sequence[str], env: Mapping[str, str]) -> Callable[[Callable[[str], None]], int]:
    """Begin a management command, in a process that need not read the code first, and let it run beside us.

    What is returned hands each line that it says to whom it is given, waits for it, and returns its return code.
    """
    command: list[str | Path] = [ROOT / "manage.py", *arguments]
    if nest.IS_POSSIBLE:
        return Hatched("manage", command, _own(env, "manage"), signal.SIGTERM).run
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=dict(env),
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 (no other thread holds a lock when we fork)
    )

    def hear_out(hear: Callable[[str], None]) -> int:
        try:
            for line in process.stdout or ():
                hear(line.rstrip())
            return process.wait()
        finally:
            process.terminate()

    return hear_out


def begin_migrating(env: Mapping[str, str]) -> Callable[[Callable[[str], None]], int]:
    """The tables, as their owner."""
    owner = {"DATABASE_URL": env.get("OWNER_DATABASE_URL") or env["DATABASE_URL"]}
    return begin(["migrate", "--noinput", "--verbosity", "0"], {**env, **owner})


def has_workspace(url: str) -> bool:
    """Whether somebody lives in this database already."""
    with psycopg.connect(url, connect_timeout=5) as db:
        return db.execute("SELECT EXISTS (SELECT FROM workspaces_workspace)").fetchone() == (True,)


def manage_warm(arguments: Sequence[str], env: Mapping[str, str], hear: Callable[[str], None]) -> int:
    """Run a management command as the app, as `begin` does; `hear` gets its lines. Returns its return code."""
    return begin(arguments, env)(hear)


def stack_facts(env: Mapping[str, str]) -> dict[str, Any]:
    """The login and the keys of the demo, as `manage.py stack_facts` tells them; empty when there is no demo."""
    lines: list[str] = []
    if manage_warm(["stack_facts", "--json"], env, lines.append):
        said = "\n".join(lines)
        if "Unknown command" not in said:
            sys.stderr.write(f"{said}\n")
        return {"login": None, "workspaces": []}
    return dict(json.loads(next(line for line in reversed(lines) if line.startswith("{"))))


def product_parts(env: Mapping[str, str], var: Path, port: int) -> list[Callable[[], Child]]:
    """How to start web, worker, sender and the demo's echo, each as often as need be; stopped in the reverse order."""
    celery: list[str | Path] = [BIN / "celery", "--quiet", "--app", "ecrm"]
    beat: list[str | Path] = ["--beat-schedule", var / "run" / "beat-schedule"]  # this worker is the only one
    commands: dict[str, list[str | Path]] = {
        "web": [
            *(BIN / "granian", "--interface", "wsgi", "--host", LOOPBACK, "--port", str(port)),
            *("--workers", "1", "--blocking-threads", str(THREADS), "--workers-kill-timeout", "2"),
            *("--respawn-failed-workers", "--respawn-interval", "0.5"),
            *("--no-ws", "--log-level", "error", "ecrm.wsgi:application"),
        ],
        "worker": [*celery, "worker", "--concurrency", "1", "--without-gossip", "--without-mingle", *beat],
        "sender": [*celery, "worker", *SENDING, "--concurrency", env.get("ECRM_SENDING_THREADS", "8")],
    }

    def start(name: str) -> Child:
        own = _own(env, name)
        hatched = Hatched(name, commands[name], own, signal.SIGTERM) if nest.IS_POSSIBLE else None
        child = Child(name, commands[name], env=own, pid_file=var / "run" / f"{name}.pid", cwd=ROOT, process=hatched)
        child.echo(sys.stdout, width=6)
        return child

    beside = [partial(start_echo, var, env)] if env.get("ECRM_ECHO_URL") else []
    beside += [partial(start_texts, var, env)] if env.get("ECRM_TEXTS_URL") else []
    return [*beside, *(partial(start, name) for name in commands)]


def warm(env: Mapping[str, str]) -> None:
    """Have the code read for the parts, while something else goes on."""
    nest.warm_nest(_own(env, "nest"))


def _own(env: Mapping[str, str], name: str) -> dict[str, str]:
    return {"PYTHONWARNINGS": ROOT_IS_FINE, **env} | {"DB_POOL": "1" if name == "web" else "0"}


def echo_facts(var: Path, env: Mapping[str, str]) -> dict[str, str]:
    """{ECRM_ECHO_URL, ECRM_ECHO_TOKEN} of the network; {} without a demo, or while somebody else uses its port."""
    return _loopback_facts(var / ECHO, "ECRM_ECHO", env)


def texts_facts(var: Path, env: Mapping[str, str]) -> dict[str, str]:
    """{ECRM_TEXTS_URL, ECRM_TEXTS_TOKEN} of the gateway for texts; {} as above."""
    return _loopback_facts(var / TEXTS, "ECRM_TEXTS", env)


def _loopback_facts(path: Path, name: str, env: Mapping[str, str]) -> dict[str, str]:
    if env.get("ECRM_DEMO") != "1" or env.get("ECRM_FETCH_LOOPBACK") != "1":
        return {}
    if not path.exists():
        write_private(path, json.dumps({"port": free_port(), "token": secrets.token_urlsafe(32)}))
    kept = json.loads(path.read_text())
    if not is_free(int(kept["port"])):
        return {}
    return {f"{name}_URL": f"http://{LOOPBACK}:{kept['port']}", f"{name}_TOKEN": str(kept["token"])}


def start_echo(var: Path, env: Mapping[str, str]) -> Child:
    """The running network."""
    command: list[str | Path] = [sys.executable, "-m", "backstage.demo.echo_network", var / ECHO]
    child = Child("echo", command, env=env, pid_file=var / "run" / "echo.pid", cwd=ROOT)
    child.echo(sys.stdout, width=6)
    return child


def start_texts(var: Path, env: Mapping[str, str]) -> Child:
    """The running gateway for texts."""
    command: list[str | Path] = [sys.executable, "-m", "backstage.demo.text_gateway", var / TEXTS]
    child = Child("texts", command, env=env, pid_file=var / "run" / "texts.pid", cwd=ROOT)
    child.echo(sys.stdout, width=6)
    return child


def who_answers(port: int) -> str | None:
    """The instance whose /readyz says 200 on this port ("" when it does not name itself); None when none does."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{LOOPBACK}:{port}/readyz", timeout=2) as answer:
            return str(json.load(answer).get("instance", ""))
    except (urllib.error.URLError, OSError, ValueError):
        return None
