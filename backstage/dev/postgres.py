"""A PostgreSQL of our own: made, started, given roles and extensions, stopped."""

import contextlib
import locale
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from backstage.dev import places
from backstage.dev.children import Child
from backstage.dev.passwords import write_private
from backstage.dev.ports import LOOPBACK, free_port
from backstage.dev.problems import ServerError

EXTENSIONS = ("pg_trgm", "citext", "btree_gin", "unaccent")
DATABASE = "ecrm"
AGAIN_TRIES, RECOVERY_SECONDS = 20, 300
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


@dataclass
class Postgres:
    """A running cluster; `launch` starts its server process on a port."""

    child: Child
    port: int
    sockets: Path
    secrets: dict[str, str]
    launch: Callable[[int], Child]

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgres://{role}:{self.secrets[role]}@{LOOPBACK}:{self.port}/{database}"

    def start_again(self) -> Child:
        """Start it anew after it ended: the same data, the same port. ServerError.

        Its backends outlive a killed server by a moment, and it does not start before they are gone.
        """
        for _ in range(AGAIN_TRIES):
            self.child = self.launch(self.port)
            if _answers(self, RECOVERY_SECONDS):
                return self.child
            self.child.stop()
            time.sleep(0.5)
        msg = f"The end of its log:\n{self.child.last_words()}"
        raise ServerError(msg)

    def stop(self) -> None:
        self.child.stop()
        shutil.rmtree(self.sockets, ignore_errors=True)


def start_postgres(
    var: Path,
    data: Path,
    secrets: dict[str, str],
    *,
    port: int,
    throw_away: bool = False,
    log: Path | None = None,
    tuning: Mapping[str, str] | None = None,
) -> Postgres:
    """Make the cluster in `data` if there is none, start it, and see to roles, extensions and database.

    May be repeated. Raises ServerError with what to do when the data is of another version or nothing answers. `tuning`:
    settings of the server that stand before ours.
    """
    binaries, user = places.postgres_binaries(var), places.runner()
    log, pid_file = log or var / "log" / "postgres.log", var / "run" / f"{data.name}.pid"
    settings = (THROW_AWAY if throw_away else {}) | dict(tuning or {})
    if (data / "PG_VERSION").exists():
        _check_version(data, binaries)
    else:
        _make_cluster(var, data, binaries, secrets["postgres"], throw_away=throw_away)
    sockets = places.socket_directory(data, user)

    def launch(on: int) -> Child:
        return _launch(binaries, data, sockets, on, pid_file=pid_file, log=log, tuning=settings)

    for _ in range(3):
        port = free_port(port)
        child = launch(port)
        server = Postgres(child, port, sockets, secrets, launch)
        if _answers(server):
            break
        child.stop()
    else:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        msg = f"PostgreSQL does not start. The end of {log}:\n{tail}"
        raise ServerError(msg)
    _see_to_roles(server)
    return server


def _check_version(data: Path, binaries: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    asked = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    ours = asked.stdout.split()[2].partition(".")[0]
    if found != ours:
        msg = (
            f"The data in {data} was made by PostgreSQL {found}; this is PostgreSQL {ours}, which cannot read it.\n"
            f"Keep it: restore a backup made with the old version. Or remove the demo's data and begin anew: make reset"
        )
        raise ServerError(msg)


def _has_c_utf8() -> bool:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return True


def _make_cluster(var: Path, data: Path, binaries: Path, password: str, *, throw_away: bool) -> None:
    """Initdb beside its place, then rename: a half-made cluster is never taken for a whole one."""
    user = places.runner()
    draft = data.with_name(f"{data.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    user.take(draft)
    pwfile = draft.parent / f".{data.name}.pw"  # a file: --pwfile=/dev/stdin fails after the change of user
    write_private(pwfile, password + "\n")
    user.take(pwfile)
    ctype = "C.UTF-8" if _has_c_utf8() else "C"
    command = [binaries / "initdb", "-D", draft, "-U", "postgres", "-E", "UTF8", "--auth=scram-sha-256"]
    command += [f"--pwfile={pwfile}", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    command += [f"--lc-ctype={ctype}", *(["--no-sync"] if throw_away else [])]
    try:
        made = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, check=False, **user.popen
        )
    finally:
        pwfile.unlink(missing_ok=True)
    if made.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        msg = f"PostgreSQL's initdb failed:\n{made.stderr.strip()}"
        raise ServerError(msg)
    if data.exists() and not any(data.iterdir()):
        data.rmdir()
    draft.rename(data)


def _launch(
    binaries: Path, data: Path, sockets: Path, port: int, *, pid_file: Path, log: Path, tuning: Mapping[str, str]
) -> Child:
    settings = {
        "listen_addresses": LOOPBACK,
        "port": str(port),
        "unix_socket_directories": str(sockets),
        "max_connections": "100",
        "shared_buffers": "128MB",
        "work_mem": "16MB",
        "timezone": "UTC",
        **tuning,
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    return Child(
        "postgres",
        [binaries / "postgres", "-D", data, *options],
        env=environ,
        log=log,
        stop_with=signal.SIGINT,  # SIGTERM would wait for every client to leave
        pid_file=pid_file,
        **places.runner().popen,
    )


def _answers(server: Postgres, patience: float = 30) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and server.child.is_alive():
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(server.url("postgres", "postgres"), connect_timeout=2).close()
            return True
        time.sleep(0.05)
    return False


def _see_to_roles(server: Postgres) -> None:
    """ecrm_owner may change tables, ecrm_app may only use them, ecrm_admin sees every workspace."""
    roles = {"ecrm_app": "", "ecrm_owner": "CREATEDB", "ecrm_admin": "BYPASSRLS CREATEDB"}
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as db:
        known = {name for (name,) in db.execute("SELECT rolname FROM pg_roles")}
        for role, rights in roles.items():
            verb = "ALTER" if role in known else "CREATE"
            statement = f"{verb} ROLE {{}} LOGIN NOSUPERUSER {rights} PASSWORD {{}}"
            db.execute(sql.SQL(statement).format(sql.Identifier(role), sql.Literal(server.secrets[role])))
        db.execute("GRANT ecrm_app TO ecrm_owner")
        db.execute("GRANT ecrm_owner TO ecrm_admin")
        databases = {name for (name,) in db.execute("SELECT datname FROM pg_database")}
    with psycopg.connect(server.url("postgres", "template1"), autocommit=True) as db:
        for name in EXTENSIONS:
            db.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
    if DATABASE not in databases:
        with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as db:
            db.execute(sql.SQL("CREATE DATABASE {} OWNER ecrm_owner").format(sql.Identifier(DATABASE)))
