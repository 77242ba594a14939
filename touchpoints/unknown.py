"""Visitors who leave no identifier: counted by the day, never recorded."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from contacts.channels import Channel
from lib.clock import now
from lib.sql import run_sql
from touchpoints.facts import Fact
from touchpoints.kind_codes import codes_for
from touchpoints.kinds import BY_CODE
from touchpoints.models import Touchpoint
from workspaces.current import current_workspace


def count_without_person(facts: Sequence[Fact]) -> None:
    """Count facts for the day and forget them: no contact, no identity, no row in the ledger.

    A retry counts again: without any identifier there is nothing to know it by.
    """
    workspace, codes = current_workspace(), codes_for(fact.kind for fact in facts)
    moment = now()
    rows: Counter[tuple[date, int, int]] = Counter()
    for fact in facts:
        kind = BY_CODE.get(codes[fact.kind])
        day = (fact.occurred_at or moment).date()
        rows[day, int(kind.channel if kind else Channel.WEB), codes[fact.kind]] += 1
    keys = sorted(rows)
    run_sql(
        "touchpoints/count_unknown",
        {
            "workspace": workspace.pk,
            "inward": int(Touchpoint.Direction.INWARD),
            "days": [key[0] for key in keys],
            "channels": [key[1] for key in keys],
            "kinds": [key[2] for key in keys],
            "counts": [rows[key] for key in keys],
        },
    )
