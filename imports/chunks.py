"""A chunk of rows brought in: how the file of a run is read, whom its rows name, what became of each.

Files of people here; files of orders and of attendance in facts/chunks.py, which reads rows its own way.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from django.utils.translation import gettext as _

from contacts.addresses import region_of_zone
from contacts.custom_fields.knowing import fields_by_name
from contacts.owning import members_by_email
from imports.drafting import Drafter
from imports.drafts import Draft
from imports.mapping import preset_named
from imports.models import ImportedRow, ImportRun
from imports.reading import BEGINNING, Dialect, Position, Row, RowReader, UnclosedQuoteError
from imports.reporting import count_cells
from imports.starting import REFUSALS, only_addresses
from imports.targets import CONSENT, KEYS, OWNER
from imports.twins import Twins
from imports.values import Reading
from imports.writing import Fate, write_people, write_refusals
from lib.bisecting import reason_of, write_good
from lib.collecting import without_collecting
from workspaces.current import current_workspace

# Who a row is about (phones are dialled where they live), and what it says of consent.
TELLING = KEYS | CONSENT | {"email_more", "opt_out_sms", "country", "name", "given_name", "family_name"}
log = structlog.get_logger(__name__)
Result = tuple[Row, Fate]


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


class Chunks:
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
                draft = draft_row(drafter, row)
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
            draft = draft_row(self.drafter, row)
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


def draft_row(drafter: Drafter, row: Row) -> Draft:
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
