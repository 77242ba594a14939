"""The moment of facts from outside: the one they first came with counts, and a retry gets the same."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from lib.clock import now, to_milliseconds
from lib.foreign.cleaning import without_nul
from lib.sql import array_of, array_of_texts, read_sql, run_prepared, run_sql
from touchpoints.facts import Fact, to_ms
from touchpoints.models import Source
from workspaces import agenda
from workspaces.current import current_workspace_id, working_in
from workspaces.models import Workspace

WORK = "touchpoints.forget_arrivals"
KEPT = timedelta(days=30)
EVERY = timedelta(days=1)
AT_ONCE = 10_000
MOST_ROUNDS = 20
LONGEST_KEY = 300


def give_moments(facts: Sequence[Fact], *, source: Source, now: datetime) -> None:
    """Cut every moment to milliseconds; facts whose id came from outside, or without a moment, get the remembered one.

    The first moment of (source, external id) wins for 30 days, so that the id alone makes a fact the same: a client
    that stamps a retry anew records nothing twice. What has no moment at all happened `now`.
    """
    remembered: dict[str, datetime] = {}
    for fact in facts:
        if fact.occurred_at is not None and fact.occurred_at.microsecond % 1000:
            fact.occurred_at = to_milliseconds(fact.occurred_at)
        if fact.occurred_at is None or fact.has_foreign_id:
            remembered.setdefault(_key(fact), fact.occurred_at or now)
    if not remembered:
        return
    first = _first_moments(remembered, source, now)
    for fact in facts:
        if fact.occurred_at is None or fact.has_foreign_id:
            fact.occurred_at = first[_key(fact)]


def plan_forgetting(workspace: Workspace) -> None:
    """A new workspace forgets old arrivals each day."""
    agenda.set_due(WORK, now() + EVERY)


def forget_arrivals(workspace: Workspace) -> datetime:
    """Drop what arrived more than 30 days ago, in sets; again tomorrow, or at once while there is more."""
    for _round in range(MOST_ROUNDS):
        with working_in(workspace):
            params = {"workspace": workspace.pk, "before": now() - KEPT, "limit": AT_ONCE}
            if len(run_sql("touchpoints/forget_arrivals", params)) < AT_ONCE:
                return now() + EVERY
    return now()


def _first_moments(wanted: dict[str, datetime], source: Source, now: datetime) -> dict[str, datetime]:
    keys = sorted(wanted)  # one order for everybody: no deadlocks
    params: dict[str, Any] = {
        "workspace": current_workspace_id(),
        "source": source.pk,
        "keys": array_of_texts(keys),
        "ms": array_of([to_ms(wanted[key]) for key in keys]),
        "now": now,
    }
    added = int(run_prepared(read_sql("touchpoints/first_arrival"), params)[0][0])
    if added == len(keys):
        return wanted
    del params["ms"], params["now"]
    return dict(run_prepared(read_sql("touchpoints/known_arrivals"), params))  # type: ignore[arg-type]


def _key(fact: Fact) -> str:
    return without_nul(fact.external_id[:LONGEST_KEY])
