"""What the list of people shows, as a file: CSV for spreadsheets (formulas disarmed) or a JSON object a line.

Written 500 people at a time while it is sent; every part is read in a transaction of its own, so that a download of a
million holds nothing open. It holds the list's columns and what tells who somebody is.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contacts.showing import sees_names
from lib.exporting import write_table
from segments.listing import ids_asked, rows_of
from segments.models import PeopleView
from segments.people.asking import Asked
from segments.people.columns import Column, chosen_columns, default_keys, fill_cells, known_columns
from segments.people.saved import chosen_for, views_of
from workspaces.current import working_in
from workspaces.models import Workspace
from workspaces.requests import Request

KINDS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
AT_ONCE = 500
HEAD = ("id", "name", "email")


@dataclass(frozen=True)
class Export:
    """The lines of a file, made while somebody takes them."""

    workspace: Workspace
    people: list[int]
    columns: list[Column]
    kind: str

    def __iter__(self) -> Iterator[str]:
        if self.kind == "csv":
            yield "\ufeff" + write_table([*HEAD, *(str(one.label) for one in self.columns)], [])
        for first in range(0, len(self.people), AT_ONCE):
            with working_in(self.workspace):
                rows = rows_of(self.people[first : first + AT_ONCE])
                fill_cells(rows, self.columns)
                part = self._csv(rows) if self.kind == "csv" else self._json(rows)
            yield part

    def _csv(self, rows: list[dict[str, Any]]) -> str:
        return write_table([], [[*(row[name] for name in HEAD), *self._texts(row)] for row in rows]).split("\r\n", 1)[1]

    def _json(self, rows: list[dict[str, Any]]) -> str:
        keys = [one.key for one in self.columns]
        return "".join(
            json.dumps(
                {**{name: row[name] for name in HEAD}, **dict(zip(keys, self._texts(row), strict=True))},
                ensure_ascii=False,
            )
            + "\n"
            for row in rows
        )

    def _texts(self, row: dict[str, Any]) -> list[str]:
        cells = zip(self.columns, row["cells"], strict=True)
        return ["" if one["cell"] is None else str(column.text(one["cell"])) for column, one in cells]


def export_people(request: Request, asked: Asked, kind: str) -> Export:
    """The file of everybody whom the list shows, with the columns that this member chose. RuleError, TooSlowError."""
    me = int(request.user.pk or 0)
    view: PeopleView | None = views_of(me).filter(pk=asked.view_id).first()
    known = known_columns(sees_names=sees_names(request))
    columns = chosen_columns(chosen_for(me, view).columns or default_keys(), known)
    return Export(request.workspace, ids_asked(**asked.of_whom), columns, kind)
