"""Whose standing may have changed since a moment: for those who asked the gate about many and go on for a while.

By the ids of the transactions that wrote, not by clocks: a word that was written before the moment and committed after it
is found as well. Whoever is found is asked about anew; who is not stands as before, but for what time alone changes.
"""

from datetime import datetime, timedelta
from typing import Any

from consent.eligibility import statement_params
from consent.models import Suppression
from contacts.channels import identity_kind_of
from lib.sql import array_of_texts, load_sql

LONGEST_WRITING = timedelta(minutes=5)  # an entry of the suppression list is looked for from so long before on


def changed_since_sql(asked: str) -> str:
    """A statement of the ids of those people of `asked`, SQL that selects `id`, of whom the gate may think otherwise now.

    Needs `changed_since_params` and %(workspace)s.
    """
    return f"WITH asked AS MATERIALIZED ({asked})\n{load_sql('consent/changed_since').replace('WITH alike', ', alike')}"


def changed_since_params(channel: int, since: str, asked_at: datetime) -> dict[str, Any]:
    """`since`: the oldest transaction running when the gate was asked (pg_snapshot_xmin, as text), at `asked_at`."""
    return {
        **statement_params(),
        "channel": int(channel),
        "kind": identity_kind_of(channel) or 0,
        "since": since,
        "reasons": array_of_texts(Suppression.Reason.values),
        "suppressed_after": asked_at - LONGEST_WRITING,
    }
