"""Orphans: derived rows whose person or segment is gone. No foreign key holds a derived table; this looks after them.

Whoever deletes a row deletes what is derived of it; what was forgotten stands here, is told by `doctor`, and is swept
by the nightly audit. Nor does a key hold the ledger's facts to their people: recording does, and nobody sweeps facts.
"""

from typing import Any

from django.db import transaction

from lib.sql import load_sql, run_text
from workspaces.current import current_workspace_id
from workspaces.owned import Owned, OwnedForeignKey, owned_models


def references() -> list[tuple[type[Owned], OwnedForeignKey]]:
    """Each reference that no foreign key holds: the model, its field."""
    return [
        (model, field)
        for model in owned_models()
        for field in model._meta.local_fields
        if isinstance(field, OwnedForeignKey) and (model.is_derived or not field.is_held)
    ]


def count_orphans() -> dict[str, int]:
    """How many rows of the open workspace refer to nobody, by "table.column"; only those that are not 0."""
    found = {
        _name(*one): run_text(load_sql("workspaces/count_orphans", **_holes(*one)), _params()) for one in references()
    }
    return {name: int(str(rows[0][0])) for name, rows in found.items() if rows[0][0]}


@transaction.atomic
def sweep_orphans() -> dict[str, int]:
    """Delete those of them that are derived; returns how many by "table.column". May be repeated."""
    swept = {
        _name(*one): run_text(load_sql("workspaces/sweep_orphans", **_holes(*one)), _params())
        for one in references()
        if one[0].is_derived
    }
    return {name: len(rows) for name, rows in swept.items() if rows}


def _name(model: type[Owned], field: OwnedForeignKey) -> str:
    return f"{model._meta.db_table}.{field.column}"


def _holes(model: type[Owned], field: OwnedForeignKey) -> dict[str, str]:
    target: Any = field.related_model
    return {"table": model._meta.db_table, "column": str(field.column), "target": target._meta.db_table}


def _params() -> dict[str, int]:
    return {"workspace": current_workspace_id()}
