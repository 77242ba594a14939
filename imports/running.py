"""Running an import: in chunks of 5,000 rows, a few of them a transaction, so that a kill loses at most a slice.

The run's row says how far it got, in rows and in bytes: going on begins to read there.
"""

from collections import Counter
from itertools import islice
from pathlib import Path
from time import monotonic

from django.db import transaction
from django.utils.translation import gettext as _

from consent.models import Consent, Suppression
from contacts.models import AudienceRole, Contact, FieldValue, Identity, SearchTerm, Tag
from imports.chunks import Chunks, Trial
from imports.facts.chunks import FactChunks
from imports.models import ImportedRecord, ImportRun, StandingFact
from imports.reading import BEGINNING, Position, Row, RowReader, UnclosedQuoteError, UnusableFileError
from imports.reporting import write_report
from imports.twins import Twins, keep_lines, keep_noes, recall
from lib.bisecting import reason_of
from lib.clock import now
from lib.sql import run_sql
from workspaces.current import current_workspace_id
from workspaces.surveying import survey

CHUNK = 5_000
FIRST_CHUNK = 1_000  # then the planner is told that there are people now: it believed in nobody
SLICE_SECONDS = 15
MOST_TRIED = 2_000
GROWING = (
    Contact,
    Identity,
    FieldValue,
    Tag,
    AudienceRole,
    SearchTerm,
    Consent,
    Suppression,
    ImportedRecord,
    StandingFact,
)
State = ImportRun.State
_seen: dict[int, tuple[int, Twins]] = {}  # run → rows done, what was seen; one process works on one run


def try_out(run: ImportRun, *, limit: int = MOST_TRIED) -> Trial:
    """What importing the first rows would do: it is done, looked at and taken back. Nothing stays."""
    trial, work = Trial(), _chunks_of(run)
    twins, _count = work.look_through(limit=limit) if work.asks else (Twins(), 0)
    reader = work.reader(BEGINNING)
    with transaction.atomic():
        while (left := limit - trial.counts.total()) > 0 and (rows := _take(reader, min(CHUNK, left), trial)):
            for row, fate in work.import_chunk(rows, twins, trial):
                trial.counts[fate.word] += 1
                samples = trial.samples.setdefault(fate.word, [])
                if len(samples) < 20 and (fate.reason or len(samples) < 3):
                    samples.append((row.line, fate.reason, row.cells[:6]))
        trial.is_whole = not _take(reader, 1, trial)
        transaction.set_rollback(True)
    return trial


def run_slice(run: ImportRun, *, seconds: float = SLICE_SECONDS) -> bool:
    """Go on with an import for about `seconds`, a chunk at a time; True when more is to do.

    Call inside working_in, in short blocks; each call commits with its block. A pause asked for meanwhile is heard. Slices of
    a workspace go one after another, for two could write down the same person of an address that several share.
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
    if run.state in {State.COUNTING, State.UNDOING}:  # what was undone is; it may be asked for again
        run.state = run.undo.pop("was", State.FAILED)
        run.error = reason_of(error)
        run.save()
        return
    if run.state in {State.WAITING, State.RUNNING}:
        said = _("It stopped after row %(row)s: %(why)s. The rows before it are in.")
        _end(run, State.FAILED, said % {"row": run.rows_done, "why": reason_of(error)})


def _go_on(run: ImportRun, until: float) -> bool:
    path, work = Path(run.path), _chunks_of(run)
    twins = _seen_before(run, work)
    run_sql("imports/hold_slices", {"workspace": current_workspace_id()})
    if run.state == State.WAITING:
        run.state, run.started_at = State.RUNNING, run.started_at or now()
    before = run.rows_done
    stop = Trial(Counter(run.counts), Counter(run.words), Counter(run.cells))
    reader = work.reader(Position(run.bytes_done, run.lines_done))
    is_more = False
    while rows := _take(reader, CHUNK if run.rows_done else min(CHUNK, FIRST_CHUNK), stop):
        survey(*GROWING, grows=True)
        results = work.import_chunk(rows, twins, stop)
        stop.counts.update(fate.word for _row, fate in results)
        write_report(run, results)
        run.rows_done += len(rows)
        if monotonic() > until:
            is_more = True
            break
    run.bytes_done, run.lines_done = reader.position()
    run.counts, run.words, run.cells = dict(stop.counts), dict(stop.words), dict(stop.cells)
    if is_more:
        keep_lines(path, twins, before=before, after=run.rows_done)
        _seen[run.pk] = (run.rows_done, twins)
        run.save()
        return True
    _seen.pop(run.pk, None)
    return _end(run, State.FAILED if stop.stopped else State.DONE, stop.stopped)


def _chunks_of(run: ImportRun) -> Chunks:
    return Chunks(run) if run.holds == ImportRun.Holds.PEOPLE else FactChunks(run)


def _end(run: ImportRun, state: str, error: str) -> bool:
    run.state, run.error, run.finished_at = state, error, now()
    run.save()
    return False


def _take(reader: RowReader, count: int, trial: Trial) -> list[Row]:
    """The next rows of the file; an unclosed quote ends them and is noted."""
    rows: list[Row] = []
    try:
        rows.extend(islice(reader, count))
    except UnclosedQuoteError as error:
        trial.stopped = str(error)
    return rows


def _seen_before(run: ImportRun, work: Chunks) -> Twins:
    """Who stands in the rows done so far, and who says no anywhere in the file, as this or another process found out.

    The first time the file is looked through for that, and its rows are counted.
    """
    if run.pk not in _seen or _seen[run.pk][0] != run.rows_done:
        _seen.clear()
        twins = recall(work.path, done=run.rows_done) if run.rows_total else None
        if twins is None:
            twins, run.rows_total = work.look_through(done=run.rows_done)
            keep_noes(work.path, twins.noes)
            if run.rows_done:
                keep_lines(work.path, twins, before=0, after=run.rows_done)
        _seen[run.pk] = (run.rows_done, twins)
    return _seen[run.pk][1]
