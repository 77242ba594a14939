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
from imports.drafting import draft_of
from imports.drafts import Draft
from imports.mapping import preset_named
from imports.models import ImportedRow, ImportRun
from imports.reading import Dialect, Row, UnclosedQuoteError, UnusableFileError, count_rows, read_rows
from imports.starting import REFUSALS, only_addresses
from imports.targets import CONSENT, KEYS
from imports.twins import Twins, read_twins
from imports.values import Reading
from imports.writing import Fate, write_people, write_refusals
from lib.bisecting import reason_of, write_good
from lib.clock import now
from workspaces.current import current_workspace

CHUNK = 500
SLICE_SECONDS = 15
MOST_TRIED = 2_000
LONGEST_REASON = 20_000
# Who a row is about (phones are dialled where they live), and what it says of consent.
TELLING = KEYS | CONSENT | {"email_more", "opt_out_sms", "country"}
log = structlog.get_logger(__name__)
State = ImportRun.State
Result = tuple[Row, Fate]
_seen: dict[int, tuple[int, Twins]] = {}  # run → rows done, what was seen; one process works on one run


@dataclass(slots=True)
class Trial:
    """What a dry run found: counts by outcome, examples of each, whether the file was read to its end.

    `words` counts the rows by what they say of consent, `cells` the cells by what becomes of them.
    """

    counts: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[tuple[int, str, list[str]]]] = field(default_factory=dict)
    is_whole: bool = True
    stopped: str = ""


def try_out(run: ImportRun, *, limit: int = MOST_TRIED) -> Trial:
    """What importing the first rows would do: it is done, looked at and taken back. Nothing stays."""
    trial = Trial()
    twins = _twins(run, limit=limit)
    with transaction.atomic():
        rows = iter(_rows(run, trial))
        while trial.counts.total() < limit and (chunk := list(islice(rows, CHUNK))):
            for row, fate in _import_chunk(run, chunk, twins, trial):
                trial.counts[fate.word] += 1
                samples = trial.samples.setdefault(fate.word, [])
                if len(samples) < 20 and (fate.reason or len(samples) < 3):
                    samples.append((row.line, fate.reason, row.cells[:6]))
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
    stop = Trial(Counter(run.counts), Counter(run.words), Counter(run.cells))
    twins = _seen_before(run)
    rows = iter(_rows(run, stop, skip=run.rows_done))
    is_more = False
    while chunk := list(islice(rows, CHUNK)):
        results = _import_chunk(run, chunk, twins, stop)
        stop.counts.update(fate.word for _row, fate in results)
        _report(run, results)
        run.rows_done += len(chunk)
        _seen[run.pk] = (run.rows_done, twins)
        if monotonic() > until:
            is_more = True
            break
    run.counts, run.words, run.cells = dict(stop.counts), dict(stop.words), dict(stop.cells)
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


def _import_chunk(run: ImportRun, rows: list[Row], twins: Twins, trial: Trial) -> list[Result]:
    """Write one chunk; (row, what became of it) in the order of the file. The first of twins counts, and its no."""
    reading, header, mapping = _reading(run), run.dialect["header"], _mapping(run)
    fates = {row.line: Fate("invalid", row.error, None, True) for row in rows if row.error}
    drafts = []
    for row in rows:
        if row.error:
            trial.cells["refused"] += sum(bool(cell.strip()) for cell in row.cells)
            continue
        draft = _draft(row, header, run, mapping, reading)
        first = row.line if draft.error else twins.first_line(draft)
        if first != row.line:
            fates[row.line] = Fate("duplicate", _("Stands on line %(line)s already.") % {"line": first}, None, True)
            continue
        twins.temper(draft)
        drafts.append(draft)
    reason = preset_named(run.preset).reason()
    for draft, error in write_good(drafts, lambda some: fates.update(_write(run, some, reason))):
        fates[draft.line] = Fate("invalid", reason_of(error), None, True)
    kept = {draft.line: draft for draft in drafts if fates[draft.line].word != "invalid"}
    trial.words.update(str(draft.word or "silent") for draft in kept.values())
    for row in rows:
        if not row.error:
            _count_cells(header, row, mapping, kept.get(row.line), trial.cells)
    return [(row, fates[row.line]) for row in rows]


def _count_cells(
    header: list[str], row: Row, mapping: Mapping[str, str], draft: Draft | None, cells: Counter[str]
) -> None:
    """Every cell has a place: empty, left out, noted, refused with its row, or taken in."""
    filled = [column for column, cell in zip(header, row.cells, strict=False) if cell and not cell.isspace()]
    cells["empty"] += len(row.cells) - len(filled)
    if draft is None:
        cells["refused"] += len(filled)
        return
    noted = sum(column in draft.noted and column in mapping for column in filled) if draft.noted else 0
    taken = sum(column in mapping for column in filled)
    cells["left_out"] += len(filled) - taken
    cells["noted"] += noted
    cells["taken"] += taken - noted


def _draft(row: Row, header: list[str], run: ImportRun, mapping: Mapping[str, str], reading: Reading) -> Draft:
    """What a row says; one that cannot be understood at all is unusable, and its neighbours are not."""
    try:
        return draft_of(row.line, dict(zip(header, row.cells, strict=False)), mapping, reading, run.answers)
    except Exception as error:
        log.exception("row_unreadable", line=row.line)
        return Draft(row.line, error=reason_of(error))


def _mapping(run: ImportRun) -> dict[str, str]:
    """Column → target in the order of the file (JSON forgets it): of several phones the first is the one we use."""
    mapping = only_addresses(run.mapping) if run.mode in REFUSALS else run.mapping
    return {name: mapping[name] for name in run.dialect["header"] if mapping.get(name)}


def _write(run: ImportRun, drafts: Sequence[Draft], reason: str) -> dict[int, Fate]:
    if run.mode in REFUSALS:
        return write_refusals(run, drafts, "objection" if run.mode == ImportRun.Mode.UNSUBSCRIBE else reason)
    return write_people(run, drafts)


def _seen_before(run: ImportRun) -> Twins:
    """Who stands in the rows done so far, and who says no anywhere in the file; read anew in another process."""
    if run.pk not in _seen or _seen[run.pk][0] != run.rows_done:
        _seen.clear()
        _seen[run.pk] = (run.rows_done, _twins(run))
    return _seen[run.pk][1]


def _twins(run: ImportRun, *, limit: int | None = None) -> Twins:
    reading, header = _reading(run), run.dialect["header"]
    mapping = {name: target for name, target in _mapping(run).items() if target in TELLING}
    asks = run.mode not in REFUSALS and bool(set(run.mapping.values()) & (CONSENT | {"opt_out_sms"}))
    rows = islice(_rows(run, Trial()), limit if asks else run.rows_done)
    drafts = (
        Draft(row.line, error=row.error) if row.error else _draft(row, header, run, mapping, reading) for row in rows
    )
    return read_twins(drafts, done=run.rows_done)


def _reading(run: ImportRun) -> Reading:
    preset, zone = preset_named(run.preset), current_workspace().zone
    how = Dialect(**run.dialect)
    return Reading(
        list_separator=preset.list_separator,
        decimal_comma=how.decimal_comma,
        region=how.region or region_of_zone(zone),
        zone=ZoneInfo(zone),
        id_prefix=preset.id_prefix,
        month_first=how.month_first,
        follows_country=not how.region,
    )


def _report(run: ImportRun, results: list[Result]) -> None:
    """One line of the report for each row; the cells are kept where something is wrong with them."""
    ImportedRow.objects.bulk_create(
        [
            ImportedRow(
                run=run,
                line=row.line,
                outcome=fate.word,
                reason=fate.reason[:LONGEST_REASON],
                contact_id_made=fate.contact_id,
                raw=row.cells if fate.keeps_cells else [],
            )
            for row, fate in results
        ],
        ignore_conflicts=True,
    )
