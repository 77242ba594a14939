"""The report of an import: a line for each row, and where each cell went."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import connection

from imports.drafts import Draft
from imports.models import ImportRun
from imports.reading import Row
from imports.writing import Fate
from lib.sql import copy_columns, load_sql, run_sql
from workspaces.current import current_workspace_id

LONGEST_REASON = 20_000
NO_CELLS = "[]"


def write_report(run: ImportRun, results: Sequence[tuple[Row, Fate]]) -> None:
    """One line of the report for each row; the cells are kept where something is wrong with them. May be repeated."""
    with connection.cursor() as cursor:
        cursor.execute(load_sql("imports/report_stage"))
    copy_columns("imports_stage_report", *map(list, zip(*(_line(row, fate) for row, fate in results), strict=True)))
    run_sql("imports/load_report", {"workspace": current_workspace_id(), "run": run.pk})


def count_cells(
    row: Row, mapped: frozenset[int], places: Mapping[str, int], draft: Draft | None, counts: Counter[str]
) -> None:
    """Every cell has a place: empty, left out, noted, refused with its row, or taken in. Adds to `counts`.

    `mapped` are the places of the columns that are imported, `places` says where each column stands.
    """
    cells = row.cells
    filled = [place for place, cell in enumerate(cells) if cell and not cell.isspace()]
    counts["empty"] += len(cells) - len(filled)
    if draft is None:
        counts["refused"] += len(filled)
        return
    taken = len(filled) if len(mapped) == len(cells) else len(mapped.intersection(filled))
    noted = (
        mapped.intersection(filled, [places[column] for column in draft.noted if column in places])
        if draft.noted
        else ()
    )
    counts["left_out"] += len(filled) - taken
    counts["noted"] += len(noted)
    counts["taken"] += taken - len(noted)


def _line(row: Row, fate: Fate) -> tuple[object, ...]:
    raw = json.dumps(row.cells) if fate.keeps_cells else NO_CELLS
    return row.line, fate.word, fate.reason[:LONGEST_REASON] if fate.reason else "", fate.contact_id, raw
