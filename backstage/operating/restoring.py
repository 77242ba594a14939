"""Restoring a backup: everything in it comes back, or nothing changes."""

import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from backstage.operating.backing_up import FORMAT, NEEDS_ADMIN, checksum
from backstage.operating.programs import BackupError, connection_environment, find_program

EMPTY_SCHEMA = "DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public;"


def restore(source: Path, *, force: bool = False) -> dict[str, Any]:
    """Put the backup's database and media in place and return its manifest.

    One transaction: an error leaves the database as it was. A database with tables is refused unless `force`, which
    replaces them. Raises BackupError. Stop web, worker and beat first; run `migrate` afterwards.
    """
    url = settings.ADMIN_DATABASE_URL
    if not url:
        raise BackupError(NEEDS_ADMIN)
    with tempfile.TemporaryDirectory(prefix="restore-") as folder:
        manifest = _unpack(source, Path(folder))
        owner, major = _target(url, force=force)
        if manifest["postgresql"] > major:
            raise BackupError(
                f"The backup is of PostgreSQL {manifest['postgresql']}, this database of the older {major}."
            )
        _load(url, Path(folder) / "database.dump", owner, major)
        _put_media(Path(folder) / "media")
    return manifest


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """The manifest, after every file has been compared with its checksum."""
    try:
        with tarfile.open(source) as tar:
            tar.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        sums = dict(manifest["sha256"])
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise BackupError(f"{source} is not a whole backup: {error}") from None
    if manifest.get("format") != FORMAT:
        raise BackupError(f"{source} is of format {manifest.get('format')}; this version reads format {FORMAT}.")
    for name, expected in sums.items():
        if not (folder / name).is_file() or checksum(folder / name) != expected:
            raise BackupError(f"{source} is damaged: {name} is not what was backed up. Nothing was changed.")
    return manifest


def _target(url: str, *, force: bool) -> tuple[str, int]:
    """The database's owner and major version, if it may be filled."""
    try:
        with psycopg.connect(url, connect_timeout=10) as db:
            tables = db.execute(
                "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('public') AND relkind IN ('r', 'p')"
            ).fetchone()
            row = db.execute(
                "SELECT pg_get_userbyid(datdba), current_setting('server_version_num')::int"
                " FROM pg_database WHERE datname = current_database()"
            ).fetchone()
    except psycopg.OperationalError as error:
        raise BackupError(f"ADMIN_DATABASE_URL does not answer: {error}") from None
    assert row is not None and tables is not None  # noqa: S101, PT018 (both always return one row)
    if tables[0] and not force:
        says = f"The database has {tables[0]} tables already. --force replaces everything in it with the backup."
        raise BackupError(says)
    return str(row[0]), int(row[1]) // 10_000


def _load(url: str, dump: Path, owner: str, major: int) -> None:
    """pg_restore writes SQL; psql runs it as the owner, in one transaction together with emptying the schema.

    Through a file: of a pipe that breaks off, psql would commit the half that came through.
    """
    script = dump.with_suffix(".sql")
    options = ["--no-owner", "--no-comments", f"--role={owner}", f"--file={script}"]
    _run(url, [find_program("pg_restore", major), *options, dump])
    become = sql.SQL("SET ROLE {};").format(sql.Identifier(owner)).as_string(None)
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--output=/dev/null", "--set=ON_ERROR_STOP=1"]
    emptied = f"--command={become} {EMPTY_SCHEMA}"
    _run(url, [find_program("psql", major), *options, emptied, f"--file={script}"])


def _run(url: str, command: list[str | Path]) -> None:
    done = subprocess.run(
        command,
        env=connection_environment(url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError(f"The database is as it was before; PostgreSQL says: {done.stderr.strip()}")


def _put_media(folder: Path) -> None:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.is_file():
            target = settings.MEDIA_ROOT / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
