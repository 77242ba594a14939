"""Facts as they travel in the argument of a news: plain rows, and the same rows as columns for a statement.

A statement reads the columns it needs by `rows_sql`, with the batch's `columns` among its parameters. Measured for a
batch of 1,000: array literals written once for all receivers cost 2 µs a fact, psycopg's own lists three times that.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from lib.sql import array_of

TYPES = {
    "contact_id": "bigint",
    "channel": "smallint",
    "kind": "smallint",
    "direction": "smallint",
    "message_id": "bigint",
    "sentiment_milli": "smallint",
    "value_minor": "bigint",
    "weight_milli": "int",
    "certainty": "smallint",
}


class Row(NamedTuple):
    """One fact of the ledger as it counts; the person is who it was written for, merged or not."""

    id: UUID
    occurred_at: datetime
    contact_id: int
    channel: int
    kind: int
    direction: int
    message_id: int | None
    sentiment_milli: int | None
    value_minor: int | None
    weight_milli: int
    certainty: int


def rows_sql(*names: str, signed: bool = False) -> str:
    """For FROM: occurred_at and these columns of each row, and its sign.

    `sign` is 1 for what is to be counted and, where `signed`, -1 for what was counted and no longer holds.
    """
    columns, arrays = ", ".join(names), ", ".join(f"%(row_{name})s::{TYPES[name]}[]" for name in names)
    moment = "to_timestamp(u.ms / 1000.0::float8) AS occurred_at"
    if not signed:
        return (
            f"(SELECT {moment}, {columns}, 1 AS sign FROM unnest(%(row_ms)s::bigint[], {arrays}) AS u (ms, {columns}))"
        )
    return (
        f"(SELECT {moment}, {columns}, CASE WHEN u.n <= %(row_minus)s THEN -1 ELSE 1 END AS sign"
        f" FROM unnest(%(row_ms)s::bigint[], {arrays}) WITH ORDINALITY AS u (ms, {columns}, n))"
    )


def columns_of(rows: Sequence[Row], minus: int = 0) -> dict[str, str | int]:
    """The rows as the parameters of rows_sql; the first `minus` of them count negative."""
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _name in Row._fields]
    columns[0] = [id_.int for id_ in columns[0]]
    return literals_of(columns, minus)


def literals_of(columns: Sequence[Sequence[Any]], minus: int = 0) -> dict[str, str | int]:
    """Columns in the order of Row, ids as whole numbers, as the parameters of rows_sql."""
    literals: dict[str, str | int] = {
        f"row_{name}": array_of(column) for name, column in zip(Row._fields, columns, strict=True) if name in TYPES
    }
    # The id carries the moment: its first 48 bits are the milliseconds.
    literals["row_ms"] = array_of([number >> 80 for number in columns[0]])
    literals["row_minus"] = minus
    return literals
