"""Backing up everything to one file: a tar of manifest.json, database.dump (pg_dump's own format) and media/."""

import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import django
import psycopg
from django.conf import settings
from django.db.migrations.recorder import MigrationRecorder

from backstage.operating.programs import BackupError, connection_environment, find_program
from lib.clock import now

FORMAT = 1
NEEDS_ADMIN = (
    "ADMIN_DATABASE_URL is not set. A full backup is made by ecrm_admin, the one role that sees every workspace: "
    "as owner or app it would be refused or come out empty, for row security binds them too (docs/deploy.md, Roles)."
)


def back_up(target: Path) -> dict[str, Any]:
    """Write a full backup to `target` and return its manifest. The file appears whole (0600) or not at all.

    The database is one snapshot; people may go on working. Raises BackupError.
    """
    url = settings.ADMIN_DATABASE_URL
    if not url:
        raise BackupError(NEEDS_ADMIN)
    if target.exists():
        raise BackupError(f"{target} exists. Choose another name: a backup is never written over.")
    if not target.parent.is_dir():
        raise BackupError(f"{target.parent} is no directory.")
    version = _version_seen_by_admin(url)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        dump = Path(folder) / "database.dump"
        _dump(url, dump, version // 10_000)
        manifest = _manifest(dump, version)
        draft = Path(folder) / "backup.tar"
        _pack(draft, manifest, dump)
        draft.replace(target)
    return manifest


def _version_seen_by_admin(url: str) -> int:
    try:
        with psycopg.connect(url, connect_timeout=10) as db:
            row = db.execute(
                "SELECT rolsuper OR rolbypassrls, current_setting('server_version_num')::int"
                " FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.OperationalError as error:
        raise BackupError(f"ADMIN_DATABASE_URL does not answer: {error}") from None
    if row is None or not row[0]:
        raise BackupError("The role of ADMIN_DATABASE_URL has no BYPASSRLS: its backup would be refused or empty.")
    return int(row[1])


def _dump(url: str, to: Path, major: int) -> None:
    command: list[str | Path] = [find_program("pg_dump", major), "--format=custom", "--no-owner", f"--file={to}"]
    done = subprocess.run(command, env=connection_environment(url), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"pg_dump failed: {done.stderr.strip()}")


def _manifest(dump: Path, version: int) -> dict[str, Any]:
    applied = MigrationRecorder.Migration.objects.order_by("app", "name").values_list("app", "name")
    return {
        "format": FORMAT,
        "made_at": now().isoformat(timespec="seconds"),
        "postgresql": version // 10_000,
        "django": django.get_version(),
        "migrations": [f"{app}.{name}" for app, name in applied],
        "sha256": {"database.dump": checksum(dump)}
        | {name: checksum(path) for path, name in media_files(settings.MEDIA_ROOT)},
    }


def media_files(root: Path) -> list[tuple[Path, str]]:
    """Uploaded files and their names in the backup."""
    files = sorted(path for path in root.rglob("*") if path.is_file()) if root.is_dir() else []
    return [(path, f"media/{path.relative_to(root).as_posix()}") for path in files]


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pack(draft: Path, manifest: dict[str, Any], dump: Path) -> None:
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
        text = json.dumps(manifest, indent=1).encode()
        entry = tarfile.TarInfo("manifest.json")
        entry.size, entry.mode = len(text), 0o600
        tar.addfile(entry, io.BytesIO(text))
        tar.add(dump, "database.dump")
        for path, name in media_files(settings.MEDIA_ROOT):
            if name in manifest["sha256"]:  # not what was uploaded since
                tar.add(path, name)
        file.flush()
        os.fsync(file.fileno())
