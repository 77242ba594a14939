"""A moment for facts that bring none: the first arrival counts, and a retry gets the same."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from lib.clock import to_milliseconds
from lib.sql import run_sql
from touchpoints.facts import Fact
from touchpoints.models import Received, Source
from workspaces.current import current_workspace_id

KEPT = timedelta(days=30)


def give_moments(facts: Sequence[Fact], *, source: Source, now: datetime) -> None:
    """Cut every moment to milliseconds, and give `now` or the remembered first arrival to facts without one."""
    without = []
    for fact in facts:
        if fact.occurred_at is None:
            without.append(fact)
        elif fact.occurred_at.microsecond % 1000:
            fact.occurred_at = to_milliseconds(fact.occurred_at)
    if not without:
        return
    keys = sorted({fact.external_id[:300] for fact in without})
    params = {"workspace": current_workspace_id(), "source": source.pk, "keys": keys, "now": now}
    first: dict[str, datetime] = dict(run_sql("touchpoints/first_arrival", params))  # type: ignore[arg-type]
    for fact in without:
        fact.occurred_at = first[fact.external_id[:300]]


def forget_old_arrivals(*, now: datetime) -> int:
    """Drop what is older than 30 days. Returns how many."""
    return Received.objects.filter(occurred_at__lt=now - KEPT).delete()[0]
