"""Running an import: in chunks of 500 rows, each one transaction, so that a kill loses at most a chunk.

The run's row says how far it got; going on reads the file again up to there.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.addresses import region_of_zone
from imports.drafts import Draft, Reading, draft_of
from imports.mapping import preset_named
from imports.models import ImportedRow, ImportRun
from imports.reading import Dialect, Row, UnclosedQuoteError, UnusableFileError, count_rows, read_rows
from imports.writing import Outcome, write_people, write_refusals
from lib.bisecting import reason_of, write_good
from lib.clock import now
from workspaces.current import current_workspace

CHUNK = 500
SLICE_SECONDS = 15
MOST_TRIED = 2_000
REFUSALS = (ImportRun.Mode.SUPPRESS, ImportRun.Mode.UNSUBSCRIBE)
KEYS = {"email", "external_id", "phone", "handle"}
log = structlog.get_logger(__name__)
State = ImportRun.State
Result = tuple[Row, tuple[str, str, int | None]]
_seen: dict[int, tuple[int, dict[int, int]]] = {}  # run → rows done, what was seen; one process works on one run


@dataclass(slots=True)
class Trial:
    """What a dry run found: counts by outcome, examples of each, whether the file was read to its end."""

    counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[tuple[int, str, list[str]]]] = field(default_factory=dict)
    is_whole: bool = True
    stopped: str = ""


def try_out(run: ImportRun, *, limit: int = MOST_TRIED) -> Trial:
    """What importing the first rows would do: it is done, looked at and taken back. Nothing stays."""
    trial = Trial()
    seen: dict[int, int] = {}
    with transaction.atomic():
        rows = iter(_rows(run, trial))
        while trial.counts.total() < limit and (chunk := list(islice(rows, CHUNK))):
            for row, (word, reason, _contact) in _import_chunk(run, chunk, seen):
                trial.counts[word] += 1
                samples = trial.samples.setdefault(word, [])
                if len(samples) < 20 and (reason or len(samples) < 3):
                    samples.append((row.line, reason, row.cells[:6]))
        trial.is_whole = next(rows, None) is None
        transaction.set_rollback(True)
    return trial


def run_slice(run: ImportRun, *, seconds: float = SLICE_SECONDS) -> bool:
    """Go on with an import for about `seconds`, a chunk at a time; True when more is to do.

    Call inside working_in, in short blocks; each call commits with its block. A pause asked for meanwhile is heard.
    """
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state not in {State.WAITING, State.RUNNING}:
        return False
    try:
        return _go_on(run, monotonic() + seconds)
    except (UnusableFileError, UnclosedQuoteError) as error:
        return _end(run, State.FAILED, str(error))
    except OSError:
        return _end(run, State.FAILED, _("The file is no longer there. Upload it again: rows that came in stay."))


def stop_run(run_id: int, error: Exception) -> None:
    """This run stopped for a reason of ours, which its page says; what it wrote before stays. May be repeated."""
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if run.state in {State.WAITING, State.RUNNING}:
        said = _("It stopped after row %(row)s: %(why)s. The rows before it are in.")
        _end(run, State.FAILED, said % {"row": run.rows_done, "why": reason_of(error)})


def _go_on(run: ImportRun, until: float) -> bool:
    if run.state == State.WAITING:
        run.state = State.RUNNING
        run.started_at = run.started_at or now()
        run.rows_total = count_rows(Path(run.path), Dialect(**run.dialect))
    counts, stop, seen = Counter(run.counts), Trial(), _seen_before(run)
    rows = iter(_rows(run, stop, skip=run.rows_done))
    is_more = False
    while chunk := list(islice(rows, CHUNK)):
        results = _import_chunk(run, chunk, seen)
        counts.update(word for _row, (word, _reason, _contact) in results)
        _report(run, results)
        run.rows_done += len(chunk)
        _seen[run.pk] = (run.rows_done, seen)
        if monotonic() > until:
            is_more = True
            break
    run.counts = dict(counts)
    if is_more:
        run.save()
        return True
    return _end(run, State.FAILED if stop.stopped else State.DONE, stop.stopped)


def _end(run: ImportRun, state: str, error: str) -> bool:
    run.state, run.error, run.finished_at = state, error, now()
    run.save()
    return False


def _rows(run: ImportRun, trial: Trial, *, skip: int = 0) -> Iterator[Row]:
    """The rows of the file; an unclosed quote ends them and is noted."""
    try:
        yield from read_rows(Path(run.path), Dialect(**run.dialect), skip=skip)
    except UnclosedQuoteError as error:
        trial.stopped = str(error)


def _import_chunk(run: ImportRun, rows: list[Row], seen: dict[int, int]) -> list[Result]:
    """Write one chunk; (row, (outcome, reason, contact id)) in the order of the file. The first of twins counts."""
    reading, header = _reading(run), run.dialect["header"]
    outcome: Outcome = {row.line: ("invalid", row.error, None) for row in rows if row.error}
    drafts = []
    for row in rows:
        if row.error:
            continue
        draft = _draft(row, header, run.mapping, reading)
        first = row.line if draft.error else seen.setdefault(hash(_key_of(draft)), row.line)
        if first != row.line:
            outcome[row.line] = ("duplicate", _("Stands on line %(line)s already.") % {"line": first}, None)
        else:
            drafts.append(draft)
    reason = preset_named(run.preset).reason()
    for draft, error in write_good(drafts, lambda some: outcome.update(_write(run, some, reason))):
        outcome[draft.line] = ("invalid", reason_of(error), None)
    return [(row, outcome[row.line]) for row in rows]


def _draft(row: Row, header: list[str], mapping: Mapping[str, str], reading: Reading) -> Draft:
    """What a row says; one that cannot be understood at all is unusable, and its neighbours are not."""
    try:
        return draft_of(row.line, dict(zip(header, row.cells, strict=False)), mapping, reading)
    except Exception as error:
        log.exception("row_unreadable", line=row.line)
        return Draft(row.line, error=reason_of(error))


def _write(run: ImportRun, drafts: Sequence[Draft], reason: str) -> Outcome:
    if run.mode in REFUSALS:
        return write_refusals(run, drafts, "objection" if run.mode == ImportRun.Mode.UNSUBSCRIBE else reason)
    return write_people(run, drafts)


def _seen_before(run: ImportRun) -> dict[int, int]:
    """Hash of a person's key → its first line, for the rows done so far; read anew in another process."""
    key = run.pk
    if key not in _seen or _seen[key][0] != run.rows_done:
        _seen.clear()
        keys = {column: target for column, target in run.mapping.items() if target in KEYS}
        lines: dict[int, int] = {}
        for row in islice(read_rows(Path(run.path), Dialect(**run.dialect)), run.rows_done):
            if not row.error:
                draft = _draft(row, run.dialect["header"], keys, _reading(run))
                if not draft.error:
                    lines.setdefault(hash(_key_of(draft)), row.line)
        _seen[key] = (run.rows_done, lines)
    return _seen[key][1]


def _key_of(draft: Draft) -> str:
    return draft.email or draft.external_id or draft.phone or draft.handle


def _reading(run: ImportRun) -> Reading:
    preset, zone = preset_named(run.preset), current_workspace().zone
    return Reading(preset.list_separator, preset.decimal_comma, region_of_zone(zone), ZoneInfo(zone), preset.id_prefix)


def _report(run: ImportRun, results: list[Result]) -> None:
    """One line of the report for each row; the cells are kept where something is wrong with them."""
    ImportedRow.objects.bulk_create(
        [
            ImportedRow(
                run=run,
                line=row.line,
                outcome=word,
                reason=reason[:300],
                contact_id_made=contact,
                raw=row.cells if word in {"invalid", "duplicate"} or reason else [],
            )
            for row, (word, reason, contact) in results
        ],
        ignore_conflicts=True,
    )
