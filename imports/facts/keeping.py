"""Reading and writing, as sets, what files say of orders and visits and which facts stand for them. Decides nothing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from imports.facts.telling import Said
from lib.sql import array_of, array_of_texts, run_count, run_sql
from workspaces.current import current_workspace_id

_as_json = msgspec.json.Encoder().encode
Part = tuple[UUID, str]


class Word(NamedTuple):
    """What one file said of a key."""

    run_id: int
    line: int
    contact_id: int | None
    said: Said


class Stands(NamedTuple):
    """The fact that stands for a part, and what tells whether it still says what the files say."""

    touchpoint_id: UUID
    digest: UUID


def words_on(keys: Collection[UUID]) -> dict[UUID, list[Word]]:
    """What files say of these keys, the earliest file first. One statement."""
    found: dict[UUID, list[Word]] = defaultdict(list)
    for key, run, line, contact, said in _run("records_on", keys=_uuids(keys)) if keys else ():
        found[key].append(Word(run, line, contact, msgspec.json.decode(said)))
    return found


def keep_words(run_id: int, words: Mapping[UUID, Word]) -> None:
    """What this run says of these keys from now on. One statement."""
    if words:
        said = "\n".join([_as_json(word.said).decode() for word in words.values()])
        lines = array_of(word.line for word in words.values())
        contacts = array_of(word.contact_id for word in words.values())
        _write("keep_records", run=run_id, keys=_uuids(words), lines=lines, contacts=contacts, saids=said)


def facts_standing(keys: Collection[UUID]) -> dict[Part, Stands]:
    """The facts that stand for these keys. One statement."""
    rows = _run("standing_on", keys=_uuids(keys)) if keys else ()
    return {(key, part): Stands(touchpoint, digest) for key, part, touchpoint, digest in rows}


def keep_standing(facts: Mapping[Part, Stands]) -> None:
    """These stand from now on. One statement."""
    if facts:
        touchpoints = _uuids(one.touchpoint_id for one in facts.values())
        digests = _uuids(one.digest for one in facts.values())
        _write("keep_standing", **_places(facts), touchpoints=touchpoints, digests=digests)


def drop_standing(places: Collection[Part]) -> None:
    """Nothing stands there any more. One statement."""
    if places:
        _write("drop_standing", **_places(places))


def _places(places: Iterable[Part]) -> dict[str, str]:
    keys, parts = zip(*places, strict=True)
    return {"keys": _uuids(keys), "parts": array_of_texts(parts)}


def _uuids(ids: Iterable[UUID]) -> str:
    return f"{{{','.join([one.hex for one in ids])}}}"


def _run(name: str, **params: Any) -> list[tuple[Any, ...]]:
    return run_sql(f"imports/{name}", {"workspace": current_workspace_id(), **params})


def _write(name: str, **params: Any) -> int:
    return run_count(f"imports/{name}", {"workspace": current_workspace_id(), **params})
