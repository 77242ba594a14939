"""A chunk of rows of a file of orders or of attendance: whose each row is, what it says, what became of it."""

from datetime import datetime
from itertools import islice

import structlog

from contacts.fields import Place, names_at
from imports.chunks import Chunks, Result, Trial, draft_row
from imports.drafts import Draft
from imports.facts.amounts import BadCellError
from imports.facts.attendance import Attendance
from imports.facts.cells import Cells
from imports.facts.orders import Orders
from imports.facts.targets import OF_PERSON, is_of_fact
from imports.facts.telling import Entry
from imports.facts.writing import write_records
from imports.models import ImportRun
from imports.reading import BEGINNING, Row, UnclosedQuoteError
from imports.reporting import count_cells
from imports.twins import Twins
from imports.writing import Fate
from lib.bisecting import reason_of, write_good
from lib.clock import now
from workspaces.current import current_workspace

log = structlog.get_logger(__name__)


class FactChunks(Chunks):
    """A run of orders or of attendance made ready. What stands twice is known from what the run kept, not from twins."""

    def __init__(self, run: ImportRun) -> None:
        super().__init__(run)
        persons = {*OF_PERSON, *names_at(Place.IMPORT)}
        self.drafter = self._drafter({name: target for name, target in self.mapping.items() if target in persons})
        self.fact_places = {
            target: (self.places[name], name) for name, target in self.mapping.items() if is_of_fact(target)
        }
        self.kind: Orders | Attendance = (
            Orders(run.about, run.answers, current_workspace().currency)
            if run.holds == ImportRun.Holds.ORDERS
            else Attendance(run.about, run.answers)
        )
        self.asks = False

    def look_through(self, *, done: int = 0, limit: int | None = None) -> tuple[Twins, int]:
        """How many rows the file holds."""
        count, reader = 0, self.reader(BEGINNING)
        try:
            for _row in islice(reader, limit):
                count += 1
        except UnclosedQuoteError:
            pass
        return Twins(), count

    def _import_chunk(self, rows: list[Row], twins: Twins, trial: Trial) -> list[Result]:
        fates = {row.line: Fate("invalid", row.error, None, True) for row in rows if row.error}
        moment = now()
        entries = [self._entry(row, draft_row(self.drafter, row), moment) for row in rows if not row.error]
        for entry, error in write_good(entries, lambda some: fates.update(write_records(self.run, some))):
            fates[entry.line] = Fate("invalid", reason_of(error), None, True)
        drafts = {entry.line: entry.draft for entry in entries if fates[entry.line].word != "invalid"}
        trial.cells.update(left_out=0, noted=0)
        for row in rows:
            if row.error:
                trial.cells["refused"] += sum(bool(cell.strip()) for cell in row.cells)
            else:
                count_cells(row, self.mapped, self.places, drafts.get(row.line), trial.cells)
        return [(row, fates[row.line]) for row in rows]

    def _entry(self, row: Row, draft: Draft, moment: datetime) -> Entry:
        """What a row says, or why it cannot be used; its neighbours are not touched by it."""
        try:
            cells = Cells(self.fact_places, row.cells, self.reading, draft)
            return self.kind.entry(row.line, cells, draft, moment)
        except BadCellError as error:
            return Entry(row.line, draft, error=str(error))
        except Exception as error:
            log.exception("row_unreadable", line=row.line)
            return Entry(row.line, draft, error=reason_of(error))
