"""The list of people as plain rows: one statement for the page, one for each column that rooms add.

The fields of contacts/fields.py that are columns come with the rows; rooms above bring orders and columns of their
own (Room.list_orders, Room.list_columns), for instance by heat and with the level.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contacts.fields import ContactField, Place, Sensitivity, fields_at
from contacts.searching import search_sql
from lib.offers import ListOrder, Narrowing
from lib.pages import Page, read_cursor, write_cursor
from lib.rooms import house
from lib.signs import Text
from lib.sql import load_sql, read_sql, run_dicts, run_sql, run_text
from workspaces.current import current_workspace_id

PAGE_SIZE = 50
COUNT_UP_TO = 10_000
MANY_FOUND, MOST_FOUND = 2_000, 100_000  # from many on a search walks the list; of more it knows the first


def list_people(
    *,
    text: str = "",
    role: int | None = None,
    narrowed: Sequence[Narrowing] = (),
    sort: str = "newest",
    cursor: str = "",
) -> Page[dict[str, Any]]:
    """A page of people as dictionaries, with `cells` for the columns of rooms and `fields`. A foreign cursor is the start."""
    chosen = house.list_orders.get(sort) or house.list_orders["newest"]
    where, params = _where(text, role, narrowed, is_page=True)
    key = _key_in(cursor, chosen)
    params |= {"limit": PAGE_SIZE + 1} | ({"after_key": key[0], "after_id": key[1]} if key else {})
    rows: list[dict[str, Any]] = []
    if chosen.walk and (key is None or key[0] > 0):
        rows = run_dicts(_page_sql(chosen, where, chosen.walk_key, chosen.walk, is_after=key is not None), params)
    if len(rows) <= PAGE_SIZE:  # the walk came to its end, or there is none
        rows = run_dicts(_page_sql(chosen, where, chosen.key, chosen.join, is_after=key is not None), params)
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    _add_cells(rows)
    last = rows[-1] if rows else None
    sort_key = str(last["sort_key"]) if last else ""
    return Page(rows, write_cursor(chosen.name, sort_key, last["id"]) if more and last else "")


def _page_sql(chosen: ListOrder, where: str, key: str, join: str, *, is_after: bool) -> str:
    direction, sign = ("DESC", "<") if chosen.is_descending else ("ASC", ">")
    last = f"%(after_key)s::{chosen.cast}"
    # The first comparison says what the second implies: by it an index begins in the right place.
    after = f" AND {key} {sign}= {last} AND ({key}, c.id) {sign} ({last}, %(after_id)s)" if is_after else ""
    return load_sql(
        "segments/list_rows",
        fields="".join(f", c.{one.name}" for one in list_fields()),
        key=key,
        join=join,
        where=where,
        after=after,
        direction=direction,
    )


def count_people(*, text: str = "", role: int | None = None, narrowed: Sequence[Narrowing] = ()) -> int:
    """How many there are, counted up to 10,001: the list says "more than 10,000" then."""
    where, params = _where(text, role, narrowed)
    if role is not None and not text and not narrowed:
        themselves = int(run_sql("segments/count_role", params | {"most": COUNT_UP_TO + 1})[0][0])
        if themselves > COUNT_UP_TO:
            return themselves
    words, more = search_sql(text)
    if words and role is None and not narrowed:
        themselves = _found_up_to(COUNT_UP_TO + 1, words, more)
        if themselves > COUNT_UP_TO:
            return themselves
    sql = f"SELECT count(*) FROM (SELECT 1 FROM contacts_contact c WHERE {where} LIMIT %(most)s) AS counted"
    return int(run_text(sql, params | {"most": COUNT_UP_TO + 1})[0][0])


def list_fields() -> list[ContactField]:
    """The fields that are columns of the list; none that names people, whom the list shows masked where it must."""
    return [one for one in fields_at(Place.LIST) if one.sensitivity is not Sensitivity.IDENTIFYING]


def column_labels() -> list[Text]:
    """The heads of the columns that `cells` fill: those of rooms, then fields."""
    return [*(one.label for one in house.list_columns), *(one.label for one in list_fields())]


def _key_in(cursor: str, chosen: ListOrder) -> tuple[Any, int] | None:
    """The last row's key inside a cursor of this order; None for anybody else's."""
    kind = {"timestamptz": datetime, "text": str}.get(chosen.cast, float)
    key = read_cursor(cursor, str, kind, int) if cursor else None
    return (key[1], key[2]) if key and key[0] == chosen.name else None


def narrowings(request: Any) -> dict[str, Narrowing]:
    """What the address asks for beyond words and role, by name; nonsense is left out."""
    asked = {
        name: one.read(request, request.GET[name]) for name, one in house.list_filters.items() if name in request.GET
    }
    return {name: found for name, found in asked.items() if found}


def _many_play(params: dict[str, Any]) -> bool:
    return bool(run_sql("segments/many_play", params | {"most": COUNT_UP_TO})[0][0])


def _found_up_to(most: int, words: str, params: dict[str, Any]) -> int:
    return int(str(run_sql("segments/count_found", params | {"most": most}, words=words)[0][0]))


def _where(
    text: str, role: int | None, narrowed: Sequence[Narrowing], *, is_page: bool = False
) -> tuple[str, dict[str, Any]]:
    params: dict[str, Any] = {"workspace": current_workspace_id()}
    found = with_role = ""
    words, more = search_sql(text)
    if words:
        params |= more | {"most_found": MOST_FOUND}
        are_many = _found_up_to(MANY_FOUND, words, params) == MANY_FOUND
        walks = is_page and are_many and role is None and not narrowed
        found = load_sql(f"segments/{'found_many' if walks else 'found' if are_many else 'found_few'}", words=words)
    if role is not None:
        params["role"] = role
        # A few are all looked at and sorted; of many the list takes the first that come, if nothing else is asked.
        are_many = _many_play(params)
        takes_first = is_page and are_many and not words and not narrowed
        with_role = read_sql(f"segments/{'plays_role' if takes_first else 'with_role' if are_many else 'with_few'}")
    for one in narrowed:
        params |= one.params
    where = load_sql("segments/known_people", found=found, with_role=with_role)
    return "\n".join([where, *(one.sql for one in narrowed)]), params


def _add_cells(rows: list[dict[str, Any]]) -> None:
    ids = [row["id"] for row in rows]
    added = [(one, one.values(ids)) for one in house.list_columns] if ids else []
    fields = list_fields()
    for row in rows:
        row["cells"] = [{"template": one.template, "cell": values.get(row["id"])} for one, values in added]
        row["fields"] = [row[one.name] for one in fields]
