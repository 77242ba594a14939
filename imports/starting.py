"""Beginning an import: the file is looked at, its columns are guessed, and nothing else happens yet."""

import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext as _

from consent.models import Basis, Topic
from imports.mapping import guess_mapping, preset_for, preset_named
from imports.models import ImportRun
from imports.reading import UnclosedQuoteError, UnusableFileError, read_rows, sniff
from workspaces import agenda
from workspaces.current import current_workspace_id

WORK = "contacts.import"
REFUSALS = (ImportRun.Mode.SUPPRESS, ImportRun.Mode.UNSUBSCRIBE)
SAMPLE = 20


class NotReadyError(ValueError):
    """An import that lacks what the law or good sense asks for; the text says what."""


def keep_file(chunks: Any, file_name: str) -> Path:
    """Keep an upload, readable by us only; returns where."""
    folder = Path(settings.MEDIA_ROOT) / "imports" / str(current_workspace_id())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{uuid4().hex}{Path(file_name).suffix.lower()[:8] or '.csv'}"
    with path.open("xb") as file:
        path.chmod(0o600)
        for chunk in chunks:
            file.write(chunk)
    return path


def copy_file(source: Path) -> Path:
    """Keep a copy of a file that lies on this machine."""
    with source.open("rb") as file:
        path = keep_file(iter(()), source.name)
        with path.open("wb") as target:
            shutil.copyfileobj(file, target)
    return path


def begin_import(
    path: Path, file_name: str, *, preset: str = "", mode: str = "", by_id: int | None = None
) -> ImportRun:
    """A run that waits for its columns, with everything guessed. UnusableFileError if the file holds no table."""
    dialect = sniff(path)
    known = preset_named(preset) if preset else preset_for(file_name, dialect.header)
    return ImportRun.objects.create(
        file_name=file_name[:200],
        path=str(path),
        preset=known.name,
        mode=mode or known.mode(file_name),
        dialect=dialect.as_dict(),
        mapping=guess_mapping(known, dialect.header, sample_of(path, dialect)),
        by_id=by_id,
    )


def sample_of(path: Path, dialect: Any) -> list[list[str]]:
    """The cells of the first rows that can be read."""
    sample: list[list[str]] = []
    try:
        for row in read_rows(path, dialect):
            if not row.error:
                sample.append(row.cells)
            if len(sample) >= SAMPLE:
                break
    except UnclosedQuoteError:
        pass
    return sample


def check_ready(run: ImportRun) -> None:
    """Raise NotReadyError unless this run may start: a way to recognise people, and for taking in a lawful basis."""
    targets = set(run.mapping.values())
    if not targets & {"email", "phone", "external_id", "handle"}:
        raise NotReadyError(_("No column holds an email address, a number or a handle."))
    if len([target for target in run.mapping.values() if target == "email"]) > 1:
        raise NotReadyError(_("Two columns hold the email address: choose one."))
    if run.mode in REFUSALS:
        return
    if run.basis not in Basis.values:
        raise NotReadyError(_("Choose the lawful basis."))
    if len(run.proof.strip()) < 10:
        raise NotReadyError(_("Write the sentence that proves it: where and how they consented."))
    if run.topic_key and not Topic.objects.filter(key=run.topic_key).exists():
        raise NotReadyError(_("There is no topic “%(key)s”.") % {"key": run.topic_key})


def launch(run: ImportRun) -> None:
    """Let a worker run it. NotReadyError; may be repeated."""
    check_ready(run)
    if ImportRun.objects.filter(pk=run.pk, state__in=["mapping", "paused"]).update(state=ImportRun.State.WAITING):
        agenda.set_due(WORK)


def pause(run: ImportRun) -> None:
    """Stop after the chunk at hand; `launch` goes on."""
    ImportRun.objects.filter(pk=run.pk, state__in=["waiting", "running"]).update(state=ImportRun.State.PAUSED)


__all__ = [
    "NotReadyError",
    "UnusableFileError",
    "begin_import",
    "check_ready",
    "copy_file",
    "keep_file",
    "launch",
    "pause",
]
