"""One look at the ledger for all lines about some people: their moments are fetched once, from an index alone.

A line that asks for its own moments of a thousand people looks into every month a thousand times; ten of them did so
ten times over (14 ms each).
"""

from collections.abc import Iterable
from datetime import datetime

from lib.sql import load_sql
from segments.leaf_types.base import QueryBuilder

# What the timeline's index holds of a moment beside whose, when, which and how certain. A line that asks for more reads
# the ledger itself.
COVERED = frozenset({"sentiment_milli", "value_minor", "channel"})
NAME = "r_moments"


class Look:
    """A step of a restricted statement, written out when all its lines are known: their kinds, since the earliest."""

    def __init__(self, query: QueryBuilder) -> None:
        self.query = query
        self.kinds: set[int] = set()
        self.starts: list[datetime | None] = []

    @classmethod
    def of(cls, query: QueryBuilder, kind: int, start: datetime | None) -> str:
        """The name of the step, which holds the moments of this kind since `start` (None: all) among others."""
        look: Look | None = query.shared.get(NAME)
        if look is None:
            look = query.shared[NAME] = cls(query)
            query.sets.append(look)
            query.params |= {"r_kinds": [], "r_since": None}
        look.kinds.add(kind)
        look.starts.append(start)
        query.params["r_kinds"] = sorted(look.kinds)
        return NAME

    @staticmethod
    def holds(columns: Iterable[str]) -> bool:
        """Whether what a line asks of a moment can be had from it."""
        return COVERED.issuperset(columns)

    def __str__(self) -> str:
        starts = [start for start in self.starts if start is not None]
        since = " AND t.occurred_at >= %(r_since)s" if len(starts) == len(self.starts) else ""
        if since:
            self.query.params["r_since"] = min(starts)
        select = load_sql(
            "touchpoints/moments_of_people", facts=load_sql("touchpoints/facts"), only=self.query.only("t.contact_id")
        )
        return f"{NAME} AS MATERIALIZED (\n{select.rstrip()}{since}\n)"
