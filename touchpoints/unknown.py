"""Visitors who leave no identifier: counted by the day, never recorded."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.db import connection

from ecrm.lib.clock import now
from touchpoints.facts import Fact
from touchpoints.kinding import codes_for
from touchpoints.kinds import BY_CODE
from workspaces.current import current_workspace

COUNT = """
-- Day counts of visits nobody is bound to.
INSERT INTO touchpoints_daycount
  (workspace_id, day, channel, kind, campaign_id, direction, slot, count, sentiment_sum, value_sum)
SELECT %(workspace)s, day, channel, kind, NULL, 0, 0, n, 0, 0
FROM unnest(%(days)s::date[], %(channels)s::smallint[], %(kinds)s::smallint[], %(counts)s::bigint[])
  AS c (day, channel, kind, n)
ON CONFLICT (workspace_id, day, channel, kind, campaign_id, direction, slot) DO UPDATE
SET count = touchpoints_daycount.count + excluded.count
"""


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
        rows[day, int(kind.channel) if kind else 2, codes[fact.kind]] += 1
    keys = sorted(rows)
    with connection.cursor() as cursor:
        cursor.execute(
            COUNT,
            {
                "workspace": workspace.pk,
                "days": [key[0] for key in keys],
                "channels": [key[1] for key in keys],
                "kinds": [key[2] for key in keys],
                "counts": [rows[key] for key in keys],
            },
        )
