"""`up`: the whole product on this machine, until Ctrl-C."""

import contextlib
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from backstage.dev import places
from backstage.dev.children import Child, end_leftovers, end_on_signals
from backstage.dev.locks import only_one
from backstage.dev.passwords import passwords, write_private
from backstage.dev.ports import LOOPBACK, hold_port
from backstage.dev.postgres import start_postgres
from backstage.dev.problems import ServerError
from backstage.dev.product import (
    begin,
    begin_migrating,
    echo_facts,
    has_workspace,
    manage_warm,
    product_parts,
    stack_facts,
    texts_facts,
    warm,
    who_answers,
)
from backstage.dev.supervising import Supervisor
from backstage.dev.valkey import start_valkey

WEB_PORT, POSTGRES_PORT, VALKEY_PORT = 8000, 54321, 63790


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def up() -> int:
    """Start everything, tell where it answers, stop everything at Ctrl-C.

    A part that ends by itself is started again; exit code 1 when one does so again and again.
    """
    var = places.var_directory()
    end_on_signals()
    with only_one(var) as note, contextlib.suppress(KeyboardInterrupt):
        _forget_stack(var)
        if ended := end_leftovers(var / "run"):
            say(f"ended what an earlier run left behind: {', '.join(ended)}")
        parts = Supervisor(say)
        with _held_port() as port, running_servers(var, parts) as env:
            env.setdefault("ECRM_URL", f"http://{LOOPBACK}:{port}")
            env["ECRM_INSTANCE"] = secrets.token_hex(8)
            env.update(echo_facts(var, env) | texts_facts(var, env))
            _prepare(env)
            return _run(var, note, parts, env, port)
    return 0


@contextlib.contextmanager
def _held_port() -> Iterator[int]:
    """The port of the web server: ours from now on, until all has stopped."""
    wanted = int(os.environ.get("ECRM_PORT") or WEB_PORT)
    with hold_port(wanted) as held:
        port = int(held.getsockname()[1])
        if port != wanted:
            say(f"port {wanted} is busy: using {port}")
        yield port


@contextlib.contextmanager
def running_servers(var: Path, parts: Supervisor) -> Iterator[dict[str, str]]:
    """PostgreSQL and Valkey with kept data, or those that DATABASE_URL and REDIS_URL name; yields the environment."""
    env = {**os.environ, "ECRM_VAR": str(var), "PYTHONUNBUFFERED": "1"}
    home, words = places.data_home(var), passwords(var / "passwords.json")
    with contextlib.ExitStack() as stack:
        if not env.get("DATABASE_URL"):
            data = home / "postgres"
            say("starting PostgreSQL" if (data / "PG_VERSION").exists() else "making the database's files (first time)")
            postgres = start_postgres(var, data, words, port=POSTGRES_PORT)
            stack.callback(postgres.stop)
            parts.add(postgres.child, postgres.start_again)
            env["DATABASE_URL"] = postgres.url("ecrm_app")
            env["OWNER_DATABASE_URL"] = postgres.url("ecrm_owner")
            env["ADMIN_DATABASE_URL"] = postgres.url("ecrm_admin")
            env.setdefault("ECRM_DEMO", "1")  # the demo's open door belongs only to the demo's own database
            env.setdefault("ECRM_FETCH_LOOPBACK", "1")  # on one machine, callbacks may come back to it
        if not env.get("REDIS_URL"):
            valkey = start_valkey(var, home / "valkey", words["valkey"], port=VALKEY_PORT)
            stack.callback(valkey.stop)
            parts.add(valkey.child, valkey.start_again)
            env["REDIS_URL"] = valkey.url()
        yield env


def _prepare(env: dict[str, str]) -> None:
    """Tables, static files, and demo data when nobody lives here yet. Raises ServerError."""
    say("applying migrations")
    warm(env)
    migrating, collecting = begin_migrating(env), begin(["collect_when_stale"], env)
    if migrating(say):
        raise ServerError("The migrations failed; the lines above say why. Nothing was started.")
    if collecting(say):
        raise ServerError("The static files could not be collected; the lines above say why. Nothing was started.")
    if env.get("ECRM_DEMO") != "1" or has_workspace(env["DATABASE_URL"]):
        return
    say("filling in the demo data (first time)")
    if manage_warm(["seed_demo"], env, say):
        raise ServerError("The demo data could not be made; the lines above say why. make reset begins anew.")


def _run(var: Path, note: Callable[[str], None], parts: Supervisor, env: dict[str, str], port: int) -> int:
    servers = len(parts.parts)
    try:
        for start in product_parts(env, var, port):
            parts.add(start(), start)
        told = stack_facts(env)
        if why := _wait_until_ready(parts, port, env["ECRM_INSTANCE"]):
            say(f"{why} Stopping the rest.")
            return 1
        url = env["ECRM_URL"]
        facts = {
            "url": url,
            "database_url": env["DATABASE_URL"],
            "redis_url": env["REDIS_URL"],
            **told,
        }
        write_private(var / "run" / "stack.json", json.dumps(facts, indent=1))
        kept = {k: v for k, v in env.items() if k.endswith("_URL") or k.startswith("ECRM_")}
        write_private(var / "run" / "stack_env.json", json.dumps(kept, indent=1))
        note(url)
        _announce(url, facts)
        return _watch(parts)
    finally:
        _stop([part.child for part in parts.parts[servers:]])
        _forget_stack(var)


def _forget_stack(var: Path) -> None:
    """What stands in these files is true only while we run."""
    for name in ("stack.json", "stack_env.json"):
        (var / "run" / name).unlink(missing_ok=True)


def _wait_until_ready(parts: Supervisor, port: int, instance: str, patience: float = 60) -> str:
    """Wait until our own web server is ready; returns why it is not, or "" when it is."""
    deadline, found = time.monotonic() + patience, None
    while time.monotonic() < deadline:
        if why := parts.look():
            return why
        found = who_answers(port)
        if found == instance:
            return ""
        time.sleep(0.1)
    if found is not None:
        return f"Somebody else's web server answers at port {port}: end it, or choose another one with ECRM_PORT."
    return "The web server did not become ready; its lines above say why."


def _announce(url: str, facts: dict[str, object]) -> None:
    login = facts.get("login")
    lines = [f"eCRM is up:  {url}"]
    if isinstance(login, dict):
        lines += [f"  email:    {login.get('email')}", f"  password:  {login.get('password')}"]
    say("\n".join(["", *lines, "  Ctrl-C stops everything; make reset removes the data.", ""]))


def _watch(parts: Supervisor) -> int:
    while not (why := parts.look()):
        time.sleep(0.3)
    say(f"{why}\nStopping the rest.")
    return 1


def _stop(children: list[Child]) -> None:
    say("stopping")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
    for child in children:
        child.ask_to_stop()
    for child in reversed(children):
        if not child.stop(patience=4):
            say(f"{child.name} did not listen within four seconds and was killed")
