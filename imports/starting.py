"""Beginning an import: the file is looked at, its columns are guessed, and nothing else happens yet."""

import shutil
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext as _

from consent.models import Basis, Topic
from imports.facts.guessing import fact_preset_for, guess_fact_mapping, guess_holds
from imports.facts.readiness import why_not_ready
from imports.facts.statuses import judge_status
from imports.facts.targets import STATUSES
from imports.judging import judge
from imports.mapping import PLAIN, guess_mapping, preset_for, preset_named
from imports.models import ImportRun
from imports.reading import Dialect, UnclosedQuoteError, UnusableFileError, read_rows
from imports.sniffing import PROBE_BYTES, check_head, sniff
from imports.spreadsheets import is_xlsx, write_sheet
from imports.targets import ASK, CONSENT, KEYS, LEAVE_OUT
from imports.vcards import is_vcard, write_cards
from lib.clock import now
from workspaces import agenda
from workspaces.current import current_workspace_id

WORK, FORGETTING = "contacts.import", "imports.forget_files"
FORGOTTEN_AFTER = timedelta(days=30)
FACT_MODES = (ImportRun.Mode.RECORD, ImportRun.Mode.KNOWN)
REFUSALS = (ImportRun.Mode.SUPPRESS, ImportRun.Mode.UNSUBSCRIBE)
SAMPLE = 20
SAMPLE_OF_TYPES = 2_000
MOST_WORDS, LONGEST_WORD = 40, 80


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
    path: Path, file_name: str, *, preset: str = "", mode: str = "", holds: str = "", by_id: int | None = None
) -> ImportRun:
    """A run that waits for its columns, with everything guessed; what it `holds` too, where nobody says it.

    UnusableFileError if the file holds no table.
    """
    kind = _as_table(path)
    run = ImportRun(file_name=file_name[:200], path=str(path), by_id=by_id)
    _guess(run, sniff(path, kind=kind), preset=preset, holds=holds)
    run.mode = mode or preset_named(run.preset).mode(file_name, run.dialect["header"])
    run.save()
    agenda.set_due(FORGETTING, now() + FORGOTTEN_AFTER)
    return run


def read_anew(run: ImportRun, chosen: Mapping[str, Any]) -> None:
    """Read the file as somebody chose (encoding, delimiter, header_row, region, …, what it holds); its columns are
    guessed again.

    UnusableFileError where that makes no table; the run stays as it was then.
    """
    holds = str(chosen.get("holds") or run.holds)
    if holds != run.holds:
        run.mapping, run.answers = {}, {}
    dialect = sniff(Path(run.path), chosen, kind=run.dialect.get("kind", "csv"))
    _guess(run, dialect, preset="", holds=holds, keeps_choices=True)
    if (run.mode in FACT_MODES) != (run.holds != ImportRun.Holds.PEOPLE):
        run.mode = preset_named(run.preset).mode(run.file_name, run.dialect["header"])
    run.save()


def check_file(upload: BinaryIO) -> None:
    """UnusableFileError if an upload is no table of people, as far as its beginning tells: then it need not be kept."""
    head = upload.read(PROBE_BYTES)
    upload.seek(0)
    try:
        if not is_xlsx(upload) and not is_vcard(head):
            _refuse_other_kinds(head)
            check_head(head)
    finally:
        upload.seek(0)


def _as_table(path: Path) -> str:
    """Turn a workbook or a file of vCards into CSV, in its place; returns what the file was."""
    with path.open("rb") as file:
        head = file.read(1_000)
    write = write_sheet if is_xlsx(path) else write_cards if is_vcard(head) else None
    if write is None:
        _refuse_other_kinds(head)
        return "csv"
    table = path.with_suffix(".table")
    try:
        write(path, table)
        table.chmod(0o600)
        table.replace(path)
    finally:
        table.unlink(missing_ok=True)
    return "xlsx" if write is write_sheet else "vcf"


def _refuse_other_kinds(head: bytes) -> None:
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnusableFileError(_("This is an old Excel file (.xls). Save it as .xlsx or CSV."))


def _guess(run: ImportRun, dialect: Dialect, *, preset: str, holds: str = "", keeps_choices: bool = False) -> None:
    """Set what the file holds, how it is read, who wrote it and what its columns mean."""
    known = preset_named(preset) if preset else preset_for(run.file_name, dialect.header)
    run.holds = holds or (known.holds if known.name else guess_holds(dialect.header))
    if known.holds != run.holds:
        is_people = run.holds == ImportRun.Holds.PEOPLE
        known = PLAIN if is_people else fact_preset_for(run.holds, run.file_name, dialect.header)
    if not keeps_choices:
        comma = dialect.decimal_comma if known.decimal_comma is None else known.decimal_comma
        comma = comma and dialect.kind != "xlsx"  # its numbers are numbers, and written with a point by us
        dialect = replace(dialect, region=known.region, decimal_comma=comma)
    before = run.mapping if run.dialect.get("header") == dialect.header else {}
    run.preset, run.dialect = known.name, dialect.as_dict()
    sample = sample_of(Path(run.path), dialect, SAMPLE_OF_TYPES)
    if run.holds == ImportRun.Holds.PEOPLE:
        guessed = guess_mapping(known, dialect.header, sample, dialect)
    else:
        guessed = guess_fact_mapping(known, dialect.header, sample)
    run.mapping = {name: before.get(name, target) for name, target in guessed.items()}


def sample_of(path: Path, dialect: Dialect, count: int = SAMPLE) -> list[list[str]]:
    """The cells of the first rows that can be read."""
    sample: list[list[str]] = []
    with suppress(UnclosedQuoteError):
        rows = (row.cells for row in read_rows(path, dialect) if not row.error)
        sample.extend(islice(rows, count))
    return sample


def words_of(run: ImportRun, sample: list[list[str]]) -> dict[str, list[tuple[str, int, str | None]]]:
    """For each column that speaks of consent, or of what became of orders: its words, how often the sample holds each,
    what each is taken for.
    """
    found: dict[str, list[tuple[str, int, str | None]]] = {}
    for place, column in enumerate(run.dialect.get("header", [])):
        target = run.mapping.get(column, "")
        if target not in CONSENT | STATUSES | {ASK}:
            continue
        counts = Counter(row[place].strip()[:LONGEST_WORD] for row in sample if row[place].strip())
        answers = run.answers.get(column, {})
        read_as = "status" if target == ASK else target
        judged = judge_status if target in STATUSES else judge
        found[column] = [(one, n, judged(read_as, one, answers)) for one, n in counts.most_common(MOST_WORDS)]
    return found


def only_addresses(mapping: Mapping[str, str]) -> dict[str, str]:
    """What a list of refusals is read for: everything but the ways to recognise people is left out."""
    return {column: target if target in KEYS | {"email_more"} else LEAVE_OUT for column, target in mapping.items()}


def check_ready(run: ImportRun) -> None:
    """Raise NotReadyError unless this run may start: a way to recognise people, and for taking in a lawful basis."""
    if run.holds != ImportRun.Holds.PEOPLE:
        if why := why_not_ready(run):
            raise NotReadyError(why)
        return
    targets = set(run.mapping.values())
    if not targets & {"email", "phone", "external_id", "handle"}:
        raise NotReadyError(_("No column holds an email address, a number or a handle."))
    if len([target for target in run.mapping.values() if target == "email"]) > 1:
        raise NotReadyError(_("Two columns hold the email address: choose one, the other is a further address."))
    if run.mode in REFUSALS:
        return
    if open_questions := [column for column, target in run.mapping.items() if target == ASK]:
        words = _("“%(column)s” may say who must not be emailed: choose what it means, or leave it out.")
        raise NotReadyError(words % {"column": "”, “".join(open_questions)})
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
