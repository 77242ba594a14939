"""The report of an import: a line for each row, and where each cell went."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import connection

from imports.drafts import Draft
from imports.models import ImportRun
from imports.reading import Row
from imports.writing import Fate
from lib.sql import copy_columns, load_sql, run_count, run_sql
from workspaces.current import current_workspace_id

LONGEST_REASON = 20_000
NO_CELLS = "[]"


def write_report(run: ImportRun, results: Sequence[tuple[Row, Fate]]) -> None:
    """One line of the report for each row; the cells are kept where something is wrong with them. May be repeated."""
    with connection.cursor() as cursor:
        cursor.execute(load_sql("imports/report_stage"))
    lines = [row.line for row, _fate in results]
    copy_columns(
        "imports_stage_report", lines, *map(list, zip(*(_said(row, fate) for row, fate in results), strict=True))
    )
    params = {"workspace": current_workspace_id(), "run": run.pk, "first": min(lines), "last": max(lines)}
    if not run_count("imports/load_report", params):
        run_sql("imports/load_report_again", params)


def count_cells(
    row: Row, mapped: frozenset[int], places: Mapping[str, int], draft: Draft | None, counts: Counter[str]
) -> None:
    """Every cell has a place: empty, left out, noted, refused with its row, or taken in. Adds to `counts`.

    `mapped` are the places of the columns that are imported, `places` says where each column stands.
    """
    cells = row.cells
    if draft is not None and not draft.noted and len(mapped) == len(cells):  # nearly every row
        empty = cells.count("") + sum(map(str.isspace, cells))
        counts["empty"] += empty
        counts["taken"] += len(cells) - empty
        return
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


def _said(row: Row, fate: Fate) -> tuple[object, ...]:
    word, reason, contact_id, keeps_cells, is_new = fate
    cells = json.dumps(row.cells) if keeps_cells else NO_CELLS
    return word, reason and reason[:LONGEST_REASON], contact_id, cells, is_new
