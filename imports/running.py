"""Running an import: in chunks of 5,000 rows, a few of them a transaction, so that a kill loses at most a slice.

The run's row says how far it got, in rows and in bytes: going on begins to read there.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from consent.models import Consent, Suppression
from contacts.addresses import region_of_zone
from contacts.custom_fields.knowing import fields_by_name
from contacts.models import AudienceRole, Contact, FieldValue, Identity, SearchTerm, Tag
from contacts.owning import members_by_email
from imports.drafting import Drafter
from imports.drafts import Draft
from imports.mapping import preset_named
from imports.models import ImportedRow, ImportRun
from imports.reading import BEGINNING, Dialect, Position, Row, RowReader, UnclosedQuoteError, UnusableFileError
from imports.reporting import count_cells, write_report
from imports.starting import REFUSALS, only_addresses
from imports.targets import CONSENT, KEYS, OWNER
from imports.twins import Twins, keep_lines, keep_noes, recall
from imports.values import Reading
from imports.writing import Fate, write_people, write_refusals
from lib.bisecting import reason_of, write_good
from lib.clock import now
from lib.collecting import without_collecting
from workspaces.current import current_workspace
from workspaces.surveying import survey

CHUNK = 5_000
FIRST_CHUNK = 1_000  # then the planner is told that there are people now: it believed in nobody
SLICE_SECONDS = 15
MOST_TRIED = 2_000
GROWING = (Contact, Identity, FieldValue, Tag, AudienceRole, SearchTerm, Consent, Suppression)
# Who a row is about (phones are dialled where they live), and what it says of consent.
TELLING = KEYS | CONSENT | {"email_more", "opt_out_sms", "country", "name", "given_name", "family_name"}
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
    trial, work = Trial(), _Work(run)
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
    if run.state in {State.COUNTING, State.UNDOING}:  # what was undone is; it may be asked for again
        run.state = run.undo.pop("was", State.FAILED)
        run.error = reason_of(error)
        run.save()
        return
    if run.state in {State.WAITING, State.RUNNING}:
        said = _("It stopped after row %(row)s: %(why)s. The rows before it are in.")
        _end(run, State.FAILED, said % {"row": run.rows_done, "why": reason_of(error)})


def _go_on(run: ImportRun, until: float) -> bool:
    path, work = Path(run.path), _Work(run)
    twins = _seen_before(run, work)
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


def _seen_before(run: ImportRun, work: "_Work") -> Twins:
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


class _Work:
    """A run made ready: how its file is read, what its columns are. `asks`: whether rows say who may be written to."""

    def __init__(self, run: ImportRun) -> None:
        self.run, self.path, self.dialect = run, Path(run.path), Dialect(**run.dialect)
        self.mapping, self.reading = _mapping(run), _reading(run, self.dialect)
        self.drafter = self._drafter(self.mapping)
        self.places = {name: place for place, name in enumerate(self.dialect.header)}
        self.mapped = frozenset(self.places[name] for name in self.mapping)
        self.asks = run.mode not in REFUSALS and bool(set(run.mapping.values()) & (CONSENT | {"opt_out_sms"}))

    def reader(self, start: Position) -> RowReader:
        """The rows of the file from a place on."""
        return RowReader(self.path, self.dialect, start)

    def look_through(self, *, done: int = 0, limit: int | None = None) -> tuple[Twins, int]:
        """Who stands in the first `done` rows and who says no in any of the first `limit` (all); how many rows are there.

        Of each row only what tells that is read.
        """
        drafter = self._drafter({name: target for name, target in self.mapping.items() if target in TELLING})
        twins, count = Twins(), 0
        with suppress(UnclosedQuoteError):
            for row in islice(self.reader(BEGINNING), limit):
                count += 1
                if row.error or not (self.asks or count <= done):
                    continue
                draft = _draft(drafter, row)
                if not draft.error and count <= done:
                    twins.first_line(draft)
                if not draft.error:
                    twins.hear(draft)
        return twins, count

    def import_chunk(self, rows: list[Row], twins: Twins, trial: Trial) -> list[Result]:
        """Write one chunk; (row, what became of it) in the order of the file. The first of twins counts, and its no."""
        with without_collecting():
            return self._import_chunk(rows, twins, trial)

    def _import_chunk(self, rows: list[Row], twins: Twins, trial: Trial) -> list[Result]:
        fates = {row.line: Fate("invalid", row.error, None, True) for row in rows if row.error}
        drafts, firsts = [], dict[int, int]()
        for row in rows:
            if row.error:
                trial.cells["refused"] += sum(bool(cell.strip()) for cell in row.cells)
                continue
            draft = _draft(self.drafter, row)
            first = row.line if draft.error else twins.first_line(draft)
            if first != row.line:
                words = _("Stands on line %(line)s already.") % {"line": first}
                fates[row.line], firsts[row.line] = Fate("duplicate", words, None, True), first
                continue
            twins.temper(draft)
            drafts.append(draft)
        reason = preset_named(self.run.preset).reason()
        for draft, error in write_good(drafts, lambda some: fates.update(_write(self.run, some, reason))):
            fates[draft.line] = Fate("invalid", reason_of(error), None, True)
        for line, owner in self._owners_of_twins(firsts, fates).items():
            fates[line] = fates[line]._replace(contact_id=owner)
        kept = {draft.line: draft for draft in drafts if fates[draft.line].word != "invalid"}
        trial.words.update(str(draft.word or "silent") for draft in kept.values())
        if kept:
            trial.cells.update(left_out=0, noted=0)  # nothing of a kind is said too
        for row in rows:
            if not row.error:
                count_cells(row, self.mapped, self.places, kept.get(row.line), trial.cells)
        return [(row, fates[row.line]) for row in rows]

    def _owners_of_twins(self, firsts: Mapping[int, int], fates: Mapping[int, Fate]) -> dict[int, int | None]:
        """Whose the rows are that stood on another line first: their cells go with that person."""
        before = set(firsts.values()) - fates.keys()
        rows = ImportedRow.objects.filter(run=self.run, line__in=before) if before else ImportedRow.objects.none()
        owners = dict(rows.values_list("line", "contact_id_made"))
        owners |= {line: fate.contact_id for line, fate in fates.items()}
        return {line: owners.get(first) for line, first in firsts.items()}

    def _drafter(self, mapping: Mapping[str, str]) -> Drafter:
        return Drafter(self.dialect.header, mapping, self.reading, self.run.answers)


def _draft(drafter: Drafter, row: Row) -> Draft:
    """What a row says; one that cannot be understood at all is unusable, and its neighbours are not."""
    try:
        return drafter.draft(row.line, row.cells)
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


def _reading(run: ImportRun, how: Dialect) -> Reading:
    preset, zone = preset_named(run.preset), current_workspace().zone
    return Reading(
        list_separator=preset.list_separator,
        decimal_comma=how.decimal_comma,
        region=how.region or region_of_zone(zone),
        zone=ZoneInfo(zone),
        id_prefix=preset.id_prefix,
        month_first=how.month_first,
        follows_country=not how.region,
        declared=fields_by_name(),
        members=members_by_email() if OWNER in run.mapping.values() else {},
    )
