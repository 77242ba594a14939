"""The list of people as plain rows: one statement for the page, one for each column that rooms add.

The fields of contacts/fields.py that are columns come with the rows; rooms above bring orders and columns of their
own (Room.list_orders, Room.list_columns), for instance by heat and with the level.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from contacts.fields import ContactField, Place, Sensitivity, fields_at
from contacts.searching import search_sql
from lib.offers import ListColumn, ListOrder, Narrowing
from lib.pages import Page, read_cursor, write_cursor
from lib.rooms import house
from lib.signs import Text
from lib.sql import load_sql, read_sql, run_dicts, run_sql, run_text
from segments.members.filling import is_big
from segments.rules.compiler import Compiled, Rule, compile_rule
from segments.rules.counting import ids_fitting
from segments.rules.statements import bounded
from workspaces.current import current_workspace_id

Key = tuple[Any, int]  # a row's place in its order, and its number
PAGE_SIZE = 50
COUNT_UP_TO = 10_000
MANY_FOUND, MOST_FOUND = 2_000, 100_000  # from many on a search walks the list; of more it knows the first
FEW_FIT, WALKED = 5_000, (300, 900, 2_700)  # of more the list is walked, in steps, before the whole set is found


def list_people(
    *,
    text: str = "",
    role: int | None = None,
    narrowed: Sequence[Narrowing] = (),
    rule: Rule | None = None,
    sort: str = "newest",
    cursor: str = "",
    size: int = PAGE_SIZE,
    has_cells: bool = True,
) -> Page[dict[str, Any]]:
    """A page of people as dictionaries, with `cells` for the columns of rooms and `fields`. A foreign cursor is the start.

    `rule`: only who fits it; without `has_cells` whoever asks fills the columns. RuleError, TooSlowError.
    """
    chosen = house.list_orders.get(sort) or house.list_orders["newest"]
    where, params = _where(text, role, narrowed, is_page=rule is None)
    key = _key_in(cursor, chosen)
    if rule is None:
        rows = _rows(chosen, where, params, key, size + 1)
    else:
        rows = _fitting_rows(chosen, where, params, key, size + 1, rule)
    more, rows = len(rows) > size, rows[:size]
    if has_cells:
        _add_cells(rows)
    last = rows[-1] if rows else None
    sort_key = str(last["sort_key"]) if last else ""
    return Page(rows, write_cursor(chosen.name, sort_key, last["id"]) if more and last else "")


def _rows(chosen: ListOrder, where: str, params: dict[str, Any], key: Key | None, limit: int) -> list[dict[str, Any]]:
    params = params | {"limit": limit} | ({"after_key": key[0], "after_id": key[1]} if key else {})
    rows: list[dict[str, Any]] = []
    if chosen.walk and (key is None or key[0] > 0):
        rows = run_dicts(_page_sql(chosen, where, chosen.walk_key, chosen.walk, is_after=key is not None), params)
    if len(rows) < limit:  # the walk came to its end, or there is none
        rows = run_dicts(_page_sql(chosen, where, chosen.key, chosen.join, is_after=key is not None), params)
    return rows


def _fitting_rows(
    chosen: ListOrder, where: str, params: dict[str, Any], key: Key | None, limit: int, rule: Rule
) -> list[dict[str, Any]]:
    """Of the rows behind `key` those who fit a rule.

    Where few fit, their set is found first. Of many the list is walked in its order, a few hundred at a time, and the
    rule is asked of these people alone, as it is when they are looked at again; who fits seldom is a set after all.
    """
    compiled = compile_rule(rule)
    kept: list[dict[str, Any]] = []
    for step in WALKED if is_big() and compiled.believed > FEW_FIT else ():
        rows = _rows(chosen, where, params, key, step)
        fitting = ids_fitting(rule, only=[row["id"] for row in rows]) if rows else set()
        kept += [row for row in rows if row["id"] in fitting]
        if len(kept) >= limit or len(rows) < step:
            return kept[:limit]
        key = rows[-1]["sort_key"], rows[-1]["id"]
    with bounded():
        return [*kept, *_rows(chosen, _and_fits(where, compiled), params | compiled.params, key, limit - len(kept))]


def _and_fits(where: str, compiled: Compiled) -> str:
    """The condition with a rule's: as an array, so that each is looked up by key and found in the list's order."""
    return f"{where}\nAND c.id = ANY(ARRAY({compiled.sql}))"


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


def count_people(
    *, text: str = "", role: int | None = None, narrowed: Sequence[Narrowing] = (), rule: Rule | None = None
) -> int:
    """How many there are, counted up to 10,001: the list says "more than 10,000" then. RuleError, TooSlowError."""
    where, params = _where(text, role, narrowed)
    if rule is not None:
        compiled = compile_rule(rule)
        where, params = _and_fits(where, compiled), params | compiled.params
    if role is not None and not text and not narrowed and rule is None:
        themselves = int(run_sql("segments/count_role", params | {"most": COUNT_UP_TO + 1})[0][0])
        if themselves > COUNT_UP_TO:
            return themselves
    words, more = search_sql(text)
    if words and role is None and not narrowed and rule is None:
        themselves = _found_up_to(COUNT_UP_TO + 1, words, more)
        if themselves > COUNT_UP_TO:
            return themselves
    sql = f"SELECT count(*) FROM (SELECT 1 FROM contacts_contact c WHERE {where} LIMIT %(most)s) AS counted"
    with nullcontext() if rule is None else bounded():
        return int(run_text(sql, params | {"most": COUNT_UP_TO + 1})[0][0])


def costs_a_look_at_many(rule: Rule) -> bool:
    """Whether to count who fits is more than a page should wait for. RuleError."""
    return is_big() and compile_rule(rule).believed > MOST_FOUND


def ids_asked(
    *, text: str = "", role: int | None = None, narrowed: Sequence[Narrowing] = (), rule: Rule | None = None
) -> list[int]:
    """Everybody whom a list shows, by number. RuleError, TooSlowError."""
    where, params = _where(text, role, narrowed)
    if rule is not None:
        compiled = compile_rule(rule)
        where, params = _and_fits(where, compiled), params | compiled.params
    with bounded():
        return [row[0] for row in run_text(f"SELECT c.id FROM contacts_contact c WHERE {where} ORDER BY c.id", params)]


def rows_of(contact_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The rows of these people as the list has them, without cells, by number."""
    chosen = ListOrder(0, "number", "", "c.id", "bigint", is_descending=False)
    where, params = _where("", None, ())
    where = f"{where}\nAND c.id = ANY(%(these)s)"
    return _rows(chosen, where, params | {"these": list(contact_ids)}, None, len(contact_ids))


def known_among(contact_ids: Sequence[int]) -> list[int]:
    """Of these numbers those of people whom the list can show."""
    where, params = _where("", None, ())
    sql = f"SELECT c.id FROM contacts_contact c WHERE {where} AND c.id = ANY(%(these)s) ORDER BY c.id"
    return [row[0] for row in run_text(sql, params | {"these": list(contact_ids)})]


def list_fields() -> list[ContactField]:
    """The fields that are columns of the list; none that names people, whom the list shows masked where it must."""
    return [one for one in fields_at(Place.LIST) if one.sensitivity is not Sensitivity.IDENTIFYING]


def default_columns() -> list[ListColumn]:
    """The columns of rooms that the list shows unless others are chosen."""
    return [one for one in house.list_columns if one.is_default]


def column_labels() -> list[Text]:
    """The heads of the columns that `cells` fill: those of rooms, then fields."""
    return [*(one.label for one in default_columns()), *(one.label for one in list_fields())]


def _key_in(cursor: str, chosen: ListOrder) -> Key | None:
    """The last row's key inside a cursor of this order; None for anybody else's."""
    kind = {"timestamptz": datetime, "text": str}.get(chosen.cast, float)
    key = read_cursor(cursor, str, kind, int) if cursor else None
    return (key[1], key[2]) if key and key[0] == chosen.name else None


def narrowings(request: Any, params: Mapping[str, str] | None = None) -> dict[str, Narrowing]:
    """What the address (or these `params`) asks for beyond words and role, by name; nonsense is left out."""
    said = request.GET if params is None else params
    asked = {name: one.read(request, said[name]) for name, one in house.list_filters.items() if name in said}
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
    added = [(one, one.values(ids)) for one in default_columns()] if ids else []
    fields = list_fields()
    for row in rows:
        row["cells"] = [{"template": one.template, "cell": values.get(row["id"])} for one, values in added]
        row["fields"] = [row[one.name] for one in fields]
