"""Cells that orders and visits share: moments, texts; where each column stands."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from imports.cells import BLANKS
from imports.drafts import Draft
from imports.facts.amounts import BadCellError
from imports.facts.telling import moment_text
from imports.values import Reading, parse_moment
from lib.clock import EPOCH
from lib.times.month_names import is_another_weekday, lacks_day, lacks_year
from touchpoints.facts import MOST_AHEAD

Places = Mapping[str, tuple[int, str]]  # target → where its column stands, what it is called


class Cells:
    """The cells of one row by target. Each that holds something is read, or its reason stands in the row's error."""

    def __init__(self, places: Places, cells: Sequence[str], reading: Reading, draft: Draft) -> None:
        self.reading, self.draft = reading, draft
        self._texts = {target: text for target, (n, _column) in places.items() if (text := cells[n].strip(BLANKS))}
        self._places = places

    def __getitem__(self, target: str) -> str:
        """The text of a column; "" where it is empty or not imported."""
        return self._texts.get(target, "")

    def column(self, target: str) -> str:
        """What the column is called."""
        return self._places[target][1]

    def moment(self, target: str, *, until: datetime | None) -> str:
        """A moment as what is said keeps it, "" for an empty cell. BadCellError, also for one after `until`."""
        text = self[target]
        if not text:
            return ""
        found = parse_moment(text, self.reading)
        if found is None:
            raise BadCellError(_why_no_date(text) % {"text": text[:40]})
        if until is not None and found > until + MOST_AHEAD:
            raise BadCellError(_("“%(text)s” lies in the future.") % {"text": text[:40]})
        if found < EPOCH:
            raise BadCellError(_("“%(text)s” lies before 1970.") % {"text": text[:40]})
        return moment_text(found)


def _why_no_date(text: str) -> str:
    if lacks_day(text):
        return _("“%(text)s” names no day: it is no date.")
    if lacks_year(text):
        return _("“%(text)s” names no year: it is no date.")
    if is_another_weekday(text):
        return _("“%(text)s” is another day of the week: which of the two is meant?")
    return _("“%(text)s” is no date.")
