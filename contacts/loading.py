"""People written as sets: what files bring is copied into temporary tables, and from there written by one statement each.

The verbs of this module decide nothing. Who is new and what differs is the caller's; everything is written as it is
given, in the transaction at hand, and the caller tells the news once, for all of it.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from django.db import IntegrityError, connection
from psycopg.errors import UniqueViolation

from contacts.custom_fields.values import Written
from contacts.enriching import LONGEST_TEXT, custom_row
from contacts.fields import Place, fields_at, names_at
from contacts.folding import folded
from contacts.history.saying import making
from contacts.models import Contact, ContactFrequency, Tag
from lib.clock import now
from lib.foreign.cleaning import to_storable
from lib.sql import array_of, copy_columns, load_sql, read_sql, run_count, run_sql
from workspaces.current import current_workspace_id

LONGEST_NAME, LONGEST_TAG = 80, Tag._meta.get_field("folded").max_length or 0
NEW_VALUES = {"order": 'name COLLATE "C", folded COLLATE "C", contact_id', "on_conflict": ""}
KNOWN_VALUES = {"order": 'contact_id, name COLLATE "C"'}  # one order for everybody: no deadlocks
LONGEST_SOURCE = 80
Key = tuple[int, str]  # kind and value of an identity


class TakenMeanwhileError(RuntimeError):
    """Somebody else wrote one of these identities a moment ago: take everything back and look again."""


def open_stage() -> None:
    """Make the temporary tables of this session, once before anything below is called in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_stage())


def draw_contact_ids(count: int) -> list[int]:
    """Ids for so many new contacts, in rising order."""
    return sorted(row[0] for row in run_sql("contacts/draw_contact_ids", {"count": count})) if count else []


def owners_of(keys: Collection[Key]) -> dict[Key, int]:
    """Identity → who holds it today, of those that somebody holds."""
    if not keys:
        return {}
    params = {
        "workspace": current_workspace_id(),
        "kinds": array_of(kind for kind, _value in keys),
        "values": json.dumps([value for _kind, value in keys]),
    }
    return {(kind, value): contact for kind, value, contact in run_sql("contacts/owners_of", params)}


def load_people(people: Sequence[tuple[int, Mapping[str, str]]]) -> None:
    """New contacts under their ids, with their own fields. One statement."""
    if people:
        _stage_people(people, missing="")
        facts = {"frequency": int(ContactFrequency.NORMAL), "dialogue": int(Contact.DialogueMode.WRITE)}
        _run("load_people", {"columns": ", ".join(_columns())}, **facts)


def change_people(people: Sequence[tuple[int, Mapping[str, str]]]) -> None:
    """Own fields of contacts that are there; what is not named stays. The erased stay empty. One statement."""
    if people:
        _stage_people(people, missing=None)
        changes = ",\n    ".join(f"{name} = coalesce(n.{name}, c.{name})" for name in _columns())
        _run("change_people", {"assignments": changes})


def load_identities(identities: Sequence[tuple[int, int, str]], *, evidence: str) -> None:
    """New identities (contact id, kind, value). One statement. TakenMeanwhileError, with which its savepoint ends."""
    if identities:
        copy_columns("contacts_stage_identities", *(list(column) for column in zip(*identities, strict=True)))
        try:
            _run("load_identities", evidence=evidence[:120])
        except IntegrityError as error:
            if isinstance(error.__cause__, UniqueViolation):
                raise TakenMeanwhileError from error
            raise


def load_values(profiles: Iterable[tuple[int, Mapping[str, Any]]], *, are_new: bool = False) -> None:
    """Custom fields (contact id, {name: value}), as `enrich` writes them; the newest value stands. One statement.

    `are_new`: these contacts were made in this transaction, have no values yet, and stand here once each.
    """
    rows = [row for contact, values in profiles for row in _value_rows(contact, values)]
    if not rows:
        return
    names = {row[1] for row in rows}
    cleaned = {name: _clean(name) for name in names}
    if not are_new or any(name != clean or not clean for name, clean in cleaned.items()):
        once = {(row[0], cleaned[row[1]]): row for row in rows if cleaned[row[1]]}
        rows = [(contact, name, *row[2:]) for (contact, name), row in once.items()]
    if rows:
        contacts, named, texts, numbers, moments = (list(column) for column in zip(*rows, strict=True))
        folds = _folds(texts, LONGEST_TEXT)
        copy_columns("contacts_stage_values", contacts, named, texts, folds, numbers, moments)
        if not are_new:
            _run("load_values", KNOWN_VALUES | {"on_conflict": read_sql("contacts/newest_value_stands")})
            return
        with making():
            _run("load_values", NEW_VALUES)


def load_tags(tags: Sequence[tuple[int, str]], *, source: str = "") -> None:
    """Tags (contact id, name). One statement, may be repeated: a tag that is there keeps its source."""
    if tags:
        contacts, names = (list(column) for column in zip(*tags, strict=True))
        copy_columns("contacts_stage_tags", contacts, names, _folds(names, LONGEST_TAG))
        _run("load_tags", source=source[:LONGEST_SOURCE])


def load_roles(roles: Sequence[tuple[int, int]], *, source: str) -> None:
    """Roles (contact id, role) that they play from now on. One statement, may be repeated."""
    if roles:
        copy_columns("contacts_stage_roles", *(list(column) for column in zip(*roles, strict=True)))
        _run("load_roles", source=source[:LONGEST_SOURCE])


def read_people(contact_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Contact id → the own fields that files may bring, by name."""
    names = names_at(Place.IMPORT)
    rows = _read("read_people", contact_ids, columns=", ".join(names))
    return {pk: dict(zip(names, values, strict=True)) for pk, *values in rows}


def read_values(contact_ids: Sequence[int], names: Collection[str]) -> dict[tuple[int, str], tuple[Any, ...]]:
    """(contact id, name) → text, number and moment of the custom fields of these names."""
    rows = _read("read_values", contact_ids, {"names": sorted(names)}) if names else ()
    return {(contact, name): tuple(value) for contact, name, *value in rows}


def read_tags(contact_ids: Sequence[int]) -> set[tuple[int, str]]:
    """(contact id, tag) of these contacts."""
    return set(_read("read_tags", contact_ids))  # type: ignore[arg-type]


def read_roles(contact_ids: Sequence[int]) -> set[tuple[int, int]]:
    """(contact id, role) of the roles that these contacts play today."""
    return set(_read("read_roles", contact_ids))  # type: ignore[arg-type]


def read_owners(contact_ids: Sequence[int]) -> dict[int, int]:
    """Contact id → who looks after them, of those who are looked after. One statement."""
    rows = Contact.objects.filter(pk__in=list(contact_ids), owner_id__isnull=False)
    return {who: int(owner or 0) for who, owner in rows.values_list("pk", "owner_id")}


def load_owners(owners: Mapping[int, int]) -> None:
    """Contact id → the member who looks after them from now on. One statement, may be repeated."""
    if owners:
        _run("load_owners", contacts=array_of(owners), owners=array_of(owners.values()))


def _read(
    name: str, contact_ids: Sequence[int], more: Mapping[str, Any] | None = None, **holes: str
) -> list[tuple[Any, ...]]:
    if not contact_ids:
        return []
    params = {"workspace": current_workspace_id(), "contacts": array_of(contact_ids), **(more or {})}
    return run_sql(f"contacts/{name}", params, **holes)


def _run(name: str, holes: Mapping[str, str] | None = None, **params: Any) -> int:
    return run_count(f"contacts/{name}", {"workspace": current_workspace_id(), "now": now(), **params}, **(holes or {}))


def _stage_people(people: Sequence[tuple[int, Mapping[str, str]]], *, missing: str | None) -> None:
    """Every text column of each, and its folded twin."""
    columns: list[list[Any]] = [[contact for contact, _fields in people]]
    for one in fields_at(Place.IMPORT):
        texts = [fields.get(one.name, missing) for _contact, fields in people]
        columns.append(texts)
        if one.is_words:
            columns.append(_folds(texts, one.length))
    copy_columns("contacts_stage_people", *columns)


def _folds[T: (str, str | None)](texts: Sequence[T], length: int) -> list[T]:
    """The folded twin of each text; values repeat within a column, and each is folded once."""
    twins = {text: folded(text, length) if text else text for text in set(texts)}
    return [twins[text] for text in texts]


def _value_rows(contact: int, values: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
    for name, value in values.items():
        if isinstance(value, Written):
            yield contact, name, value.text[:LONGEST_TEXT], value.number, value.moment
        elif (row := custom_row(name, value)) is not None:
            yield contact, name, row["text"], row.get("number"), row.get("moment")


@lru_cache(maxsize=1_000)
def _clean(name: str) -> str:
    return to_storable(name, LONGEST_NAME)


def _columns() -> list[str]:
    """The columns of the stage of people behind the id, in order."""
    return [column for one in fields_at(Place.IMPORT) for column in dict.fromkeys([one.name, one.folded])]


@cache
def _stage() -> str:
    return load_sql("contacts/loading_stage", columns=", ".join(f"{column} text" for column in _columns()))
