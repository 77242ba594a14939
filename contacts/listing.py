"""The list of people as plain rows: one statement for the page, one for each column that upper rooms add.

Rooms above register orders (`order`) and columns (`column`), for instance by heat and with the level.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.searching import search_sql
from ecrm.lib.pages import Page, read_cursor, write_cursor
from ecrm.lib.sql import run_dicts, run_text
from workspaces.current import current_workspace_id

PAGE_SIZE = 50
COUNT_UP_TO = 10_000
ROWS = """
SELECT c.id, c.name, c.email, c.city, c.country, c.created_at, c.complaint_since, {key} AS sort_key,
  ARRAY(SELECT DISTINCT r.role FROM contacts_audiencerole r
        WHERE r.workspace_id = %(workspace)s AND r.contact_id = c.id AND r.until IS NULL ORDER BY r.role) AS roles,
  ARRAY(SELECT t.name FROM contacts_tag t
        WHERE t.workspace_id = %(workspace)s AND t.contact_id = c.id ORDER BY t.name LIMIT 4) AS tags
FROM contacts_contact c {join}
WHERE {where}{after}
ORDER BY {key} {direction}, c.id {direction}
LIMIT %(limit)s
"""
KNOWN = """c.workspace_id = %(workspace)s AND c.erased_at IS NULL AND NOT c.is_anonymous
  AND NOT EXISTS (SELECT FROM contacts_merged g WHERE g.workspace_id = %(workspace)s AND g.loser_id = c.id)"""
WITH_ROLE = """ AND c.id IN (SELECT coalesce(m.survivor_id, r.contact_id) FROM contacts_audiencerole r
  LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = r.contact_id
  WHERE r.workspace_id = %(workspace)s AND r.role = %(role)s AND r.until IS NULL)"""


@dataclass(frozen=True, slots=True)
class Order:
    """A way to sort. `key` is SQL over `c` and what `join` adds, never NULL; `cast` the type of its cursor."""

    name: str
    label: str | Promise
    key: str
    cast: str
    join: str = ""
    is_descending: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """A column from a room above: `values(contact_ids)` in one query, each shown by `template` (as `cell`)."""

    order: int
    label: str | Promise
    values: Callable[[Sequence[int]], Mapping[int, Any]]
    template: str


_orders: dict[str, Order] = {
    "newest": Order("newest", _("Newest first"), "c.created_at", "timestamptz"),
    "name": Order("name", _("By name"), "c.name", "text", is_descending=False),
}
_columns: dict[str, Column] = {}


def order(name: str, label: str | Promise, *, key: str, cast: str, join: str = "", is_descending: bool = True) -> None:
    """Register a way to sort the list; called from an AppConfig's ready()."""
    _orders[name] = Order(name, label, key, cast, join, is_descending)


def column(
    name: str,
    label: str | Promise,
    *,
    values: Callable[[Sequence[int]], Mapping[int, Any]],
    template: str,
    position: int = 50,
) -> None:
    """Register a column of the list; called from an AppConfig's ready()."""
    _columns[name] = Column(position, label, values, template)


def orders() -> list[Order]:
    """Every way to sort."""
    return list(_orders.values())


def columns() -> list[Column]:
    """The columns of rooms above, in their order."""
    return sorted(_columns.values(), key=lambda one: one.order)


def list_people(
    *, text: str = "", role: int | None = None, sort: str = "newest", cursor: str = ""
) -> Page[dict[str, Any]]:
    """A page of people as dictionaries, with `cells` for the registered columns. A foreign cursor is the start."""
    chosen = _orders.get(sort, _orders["newest"])
    where, params = _where(text, role)
    direction, sign = ("DESC", "<") if chosen.is_descending else ("ASC", ">")
    key = _key_in(cursor, chosen)
    after = ""
    if key:
        after = f" AND ({chosen.key}, c.id) {sign} (%(after_key)s::{chosen.cast}, %(after_id)s)"
        params |= {"after_key": key[0], "after_id": key[1]}
    sql = ROWS.format(key=chosen.key, join=chosen.join, where=where, after=after, direction=direction)
    rows = run_dicts(sql, params | {"limit": PAGE_SIZE + 1})
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    _add_cells(rows)
    last = rows[-1] if rows else None
    sort_key = str(last["sort_key"]) if last else ""
    return Page(rows, write_cursor(chosen.name, sort_key, last["id"]) if more and last else "")


def count_people(*, text: str = "", role: int | None = None) -> int:
    """How many there are, counted up to 10,001: the list says "more than 10,000" then."""
    where, params = _where(text, role)
    sql = f"SELECT count(*) FROM (SELECT 1 FROM contacts_contact c WHERE {where} LIMIT {COUNT_UP_TO + 1}) AS counted"
    return int(run_text(sql, params)[0][0])


def _key_in(cursor: str, chosen: Order) -> tuple[str, int] | None:
    """The last row's key inside a cursor of this order; None for anybody else's."""
    key = read_cursor(cursor) if cursor else None
    if not key or len(key) != 3 or key[0] != chosen.name or type(key[2]) is not int or abs(key[2]) > 2**62:
        return None
    value = str(key[1]).replace("\0", "")
    try:
        if chosen.cast == "timestamptz":
            datetime.fromisoformat(value)
        elif chosen.cast != "text":
            float(value)
    except ValueError:
        return None
    return value, key[2]


def _where(text: str, role: int | None) -> tuple[str, dict[str, Any]]:
    where = KNOWN
    params: dict[str, Any] = {"workspace": current_workspace_id()}
    found, more = search_sql(text)
    if found:
        where += (
            " AND c.id IN (SELECT coalesce(m.survivor_id, f.contact_id) FROM (" + found + ") AS f"
            " LEFT JOIN contacts_merged m ON m.workspace_id = %(workspace)s AND m.loser_id = f.contact_id)"
        )
        params |= more
    if role is not None:
        where += WITH_ROLE
        params["role"] = role
    return where, params


def _add_cells(rows: list[dict[str, Any]]) -> None:
    ids = [row["id"] for row in rows]
    shown = [(one, one.values(ids)) for one in columns()] if ids else []
    for row in rows:
        row["cells"] = [{"template": one.template, "cell": values.get(row["id"])} for one, values in shown]
