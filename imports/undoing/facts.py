"""Orders and visits undone: a run's words about them go, and the ledger says again what the other files say.

What only this run said is voided by Corrections, so scores, day counts and segments follow; what another file said too
stands as that file says it, whichever of them is undone first.
"""

from collections import Counter
from collections.abc import Collection
from typing import Any
from uuid import UUID

from imports.facts.standing import SOURCE, hold_records, settle_anew
from imports.models import ImportedRecord, ImportRun
from lib.sql import array_of, run_sql
from workspaces.current import current_workspace_id

CHUNK = 2_000


def take_back_records(run: ImportRun, place: dict[str, Any], counts: Counter[str]) -> None:
    """The next words of the run, and the facts that stood by them. `place` follows. Call in a transaction."""
    hold_records()
    after = UUID(place.get("key", UUID(int=0).hex))
    rows = ImportedRecord.objects.filter(run=run, key__gt=after).order_by("key")
    keys = list(rows.values_list("key", flat=True)[:CHUNK])
    rows.filter(key__in=keys).delete()
    said_elsewhere = ImportedRecord.objects.filter(key__in=keys).values("key").distinct().count()
    counts.update(facts=settle_anew(keys, by_id=run.undo.get("by")), records_stay=said_elsewhere)
    place["key"] = keys[-1].hex if keys else ""
    place["is_settled"] = int(len(keys) < CHUNK)


def people_with_facts(contact_ids: Collection[int], run: ImportRun) -> set[int]:
    """Of these people those of whom the ledger knows more than this run's file alone brought. One statement."""
    params = {
        "workspace": current_workspace_id(),
        "people": array_of(contact_ids),
        "run": run.pk,
        "source": SOURCE,
    }
    return {row[0] for row in run_sql("imports/people_with_facts", params)}
