"""Who says what a contact's fields are: told to the database for a block, whose triggers write the history of each field.

sql/keep_history.sql writes one row a person and change, whoever changes it. A verb that changes fields does so inside
`saying`; what nobody said is kept with an empty source.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import connection, transaction
from psycopg.pq import TransactionStatus

from contacts.models import FieldChange
from lib.clock import now
from lib.sql import array_of, run_text
from workspaces.auditing import acting_name

LONGEST = 120
ALL, NOBODY = "all", ""


@dataclass(slots=True)
class Saying:
    """One block: whom it made is new, so what is written of them is no change."""

    source: str
    by_id: int | None = None
    made: set[int] = field(default_factory=set)


_open: ContextVar[Saying | None] = ContextVar("saying", default=None)


@contextmanager
def saying(source: str, *, by_id: int | None = None) -> Iterator[Saying]:
    """What changes of people in the block is written down as said by this source and colleague.

    Inside another block the outer one counts: it knows more of why. What a machine does by the API is said by its key.
    """
    outer = _open.get()
    if outer is not None:
        yield outer
        return
    said = Saying((acting_name() or source)[:LONGEST], by_id)
    token = _open.set(said)
    _tell("said", json.dumps({"source": said.source, "by": by_id, "at": now().isoformat()}))
    try:
        yield said
    finally:
        _open.reset(token)
        if not _is_lost():  # else it ends with the savepoint that is rolled back
            _tell("said", NOBODY)
            if said.made:
                _tell("made", NOBODY)


def made(contact_ids: Collection[int]) -> None:
    """These contacts were made in this block: what is written of them until it ends is no change."""
    said = _open.get()
    if said is not None and not said.made.issuperset(contact_ids):
        said.made.update(contact_ids)
        _tell("made", array_of(sorted(said.made)))


def keep_changes(changes: Sequence[tuple[int, str, str, str]]) -> None:
    """(contact id, field, before, after) of what stands in no column of its own: the first number of somebody."""
    said = _open.get() or Saying(NOBODY)
    rows = [
        FieldChange(contact_id=pk, source=said.source, by_id=said.by_id, changes={name: pair})
        for pk, name, *pair in changes
        if pk not in said.made
    ]
    FieldChange.objects.bulk_create(rows)


@contextmanager
def making() -> Iterator[None]:
    """What is written in the block is of people who were made a moment ago: nothing of it is a change."""
    said = _open.get()
    _tell("made", ALL)
    yield
    _tell("made", array_of(sorted(said.made)) if said and said.made else NOBODY)


def _is_lost() -> bool:
    state = connection.connection.info.transaction_status
    return connection.needs_rollback or state == TransactionStatus.INERROR


def _tell(name: str, value: str) -> None:
    """LOCAL, for the pool's sake: it ends with the transaction at the latest."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Who says so is told inside a transaction.")
    run_text(f"SELECT set_config('ecrm.{name}', %(value)s, true)", {"value": value})
