"""Passwords of our own servers, made once and kept in var (0600)."""

import json
import os
import secrets
from pathlib import Path

NAMES = ("postgres", "ecrm_owner", "ecrm_app", "ecrm_admin", "valkey")


def write_private(path: Path, text: str) -> None:
    """Write `text` so that nobody else can read it, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    draft.replace(path)


def passwords(path: Path) -> dict[str, str]:
    """The passwords kept at `path`; those that are missing are made and added."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in NAMES if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(24) for name in missing}
        write_private(path, json.dumps(known, indent=1))
    return known
