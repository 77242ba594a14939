"""A later truth about facts: the ledger stays as it was written, what was counted from it follows at once.

Each correction is a row that is only ever added (Correction: who said what, when). How a corrected fact stands now is
kept beside it (CorrectedFact), so that a reader needs one join and no search for the latest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from lib.clock import now
from lib.sql import load_sql, run_dicts
from touchpoints.facts import moment_of
from touchpoints.models import CorrectedFact, Correction
from touchpoints.news import touchpoints_corrected
from touchpoints.rows import Row, columns_of
from workspaces.current import current_workspace_id

Field = Correction.Field
COLUMNS = {
    Field.SENTIMENT: "sentiment_milli",
    Field.CERTAINTY: "certainty",
    Field.VALUE: "value_minor",
    Field.DELETED: "is_deleted",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What is true of one field of one fact. `value`: thousandths, a Certainty, minor units, or 1 for deleted."""

    touchpoint_id: UUID
    field: Field
    value: int | None


@dataclass(frozen=True)
class Corrected:
    """What a set of corrections did, fact by fact: how each counted before and how it counts now; None: for nothing."""

    before: tuple[Row | None, ...]
    after: tuple[Row | None, ...]

    @cached_property
    def contact_ids(self) -> list[int]:
        """Whom the corrected facts concern."""
        return sorted({row.contact_id for row in (*self.before, *self.after) if row})

    @cached_property
    def first_moment(self) -> datetime:
        """When the oldest of these facts happened."""
        return min(row.occurred_at for row in (*self.before, *self.after) if row)

    @cached_property
    def columns(self) -> dict[str, str | int]:
        """Parameters of a statement over rows_sql: what no longer counts with the sign -1, what does now with 1."""
        before = [row for row in self.before if row]
        return columns_of([*before, *(row for row in self.after if row)], minus=len(before))


@transaction.atomic
def correct(changes: Iterable[Change], *, by_id: int | None = None) -> int:
    """Write down what is true of these facts now; afterwards everything counted from them counts it so.

    May be repeated: what says nothing new is left out, and so are facts that are not in the ledger. Returns how many
    facts changed. Corrections of one workspace follow one another (an advisory lock until the transaction ends).
    """
    asked = list(changes)
    if not asked:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('touchpoints.correct'), %s)", [current_workspace_id() % 2**31]
        )
    known = _facts(asked)
    before = {id_: dict(row) for id_, row in known.items()}
    moment, kept = now(), []
    for change in asked:
        fact, column = known.get(change.touchpoint_id), COLUMNS[change.field]
        if fact is None or fact[column] == change.value:
            continue
        fact[column] = change.value
        kept.append(_correction(change, by_id, moment))
    Correction.objects.bulk_create(kept)
    changed = [id_ for id_, row in known.items() if row != before[id_]]
    _keep(known[id_] for id_ in changed)
    if changed:
        batch = Corrected(
            tuple(_row(before[id_]) for id_ in changed),
            tuple(_row(known[id_]) for id_ in changed),
        )
        if batch.contact_ids:
            touchpoints_corrected.tell(batch=batch)
    return len(changed)


def _facts(changes: Sequence[Change]) -> dict[UUID, dict[str, Any]]:
    """The facts as they stand, by id."""
    params = {
        "workspace": current_workspace_id(),
        "ids": [change.touchpoint_id for change in changes],
        "moments": [moment_of(change.touchpoint_id) for change in changes],
    }
    rows = run_dicts(load_sql("touchpoints/facts_named"), params)
    return {row["id"]: row for row in rows}


def _correction(change: Change, by_id: int | None, at: datetime) -> Correction:
    return Correction(
        touchpoint_id=change.touchpoint_id,
        occurred_at=moment_of(change.touchpoint_id),
        field=change.field,
        value=change.value,
        by_id=by_id,
        at=at,
    )


def _keep(facts: Iterable[Mapping[str, Any]]) -> None:
    CorrectedFact.objects.bulk_create(
        (
            CorrectedFact(
                touchpoint_id=fact["id"],
                occurred_at=fact["occurred_at"],
                sentiment_milli=fact["sentiment_milli"],
                certainty=fact["certainty"],
                value_minor=fact["value_minor"],
                is_deleted=bool(fact["is_deleted"]),
            )
            for fact in facts
        ),
        update_conflicts=True,
        unique_fields=["workspace", "touchpoint_id"],
        update_fields=["sentiment_milli", "certainty", "value_minor", "is_deleted"],
    )


def _row(fact: Mapping[str, Any]) -> Row | None:
    return None if fact["is_deleted"] else Row(*(fact[name] for name in Row._fields))
