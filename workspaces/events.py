"""The log of events: news for machines, one row a batch, kept for 30 days and read by a place that never moves.

A room tells of what happened in the transaction that made it true (`record_event`), by ids alone. Its place in the log is
given afterwards, by whoever reads the log or delivers from it, one at a time: of two transactions the one that ends
later stands later, however their ids were drawn, so that a reader who knows a place has missed nothing before it.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from lib.clock import next_time_of_day, now
from lib.sql import array_of, array_of_texts, read_sql, run_prepared, run_sql
from workspaces import agenda
from workspaces.api.replaying import forget_answers
from workspaces.current import current_workspace_id, working_in
from workspaces.models import Event, Workspace

KEPT_FOR = timedelta(days=30)
AT_ONCE = 5_000  # ids an event: 40 kB as JSON
FORGETTING = "workspaces.forget_events"
DELIVERING = "workspaces.deliver_webhooks"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What happened, to whom, and what stands beside their ids."""

    type: str
    contact_ids: Sequence[int]
    data: Mapping[str, Any] = field(default_factory=dict)


def record_event(kind: str, contact_ids: Collection[int], **data: Any) -> None:
    """Write down that this happened to these contacts, as one event for each 5,000 of them."""
    record_events([NewEvent(kind, sorted(set(contact_ids)), data)] if contact_ids else [])


def record_pairs(kind: str, pairs: Sequence[tuple[int, int]]) -> None:
    """The same of pairs of contacts, who stand in it as pairs too."""
    record_events(
        NewEvent(kind, sorted({one for pair in some for one in pair}), {"pairs": [list(pair) for pair in some]})
        for some in batched(pairs, AT_ONCE // 2)
    )


def record_events(events: Iterable[NewEvent]) -> None:
    """Write these down: one statement, whatever the number. Webhooks that want one of them are due then."""
    parts = [
        NewEvent(one.type, some, one.data)
        for one in events
        for some in (batched(one.contact_ids, AT_ONCE) if len(one.contact_ids) > AT_ONCE else [one.contact_ids])
    ]
    if not parts:
        return
    params = {
        "workspace": current_workspace_id(),
        "types": array_of_texts([one.type for one in parts]),
        "data": array_of_texts([json.dumps(one.data) for one in parts]),
        "contacts": array_of_texts([array_of(one.contact_ids) for one in parts]),
        "at": now(),
    }
    if run_prepared(read_sql("workspaces/record_events"), params)[0][0]:
        agenda.set_due(DELIVERING)


def data_of(event: Event) -> dict[str, Any]:
    """What an event says."""
    return {"contact_ids": event.contact_ids, **event.data}


def number_events() -> None:
    """Give a place to every event that has none and whose transaction has ended. One at a time a workspace."""
    run_sql("workspaces/hold_log", {"workspace": current_workspace_id()})
    run_sql("workspaces/number_events", {"workspace": current_workspace_id()})


def events_after(place: int, *, kinds: Sequence[str] = (), limit: int = 100) -> list[Event]:
    """The next events behind this place, oldest first."""
    rows = Event.objects.filter(position__gt=place)
    if kinds:
        rows = rows.filter(type__in=kinds)
    return list(rows.order_by("position")[:limit])


def last_place() -> int:
    """The place of the newest event, 0 where there is none."""
    newest = Event.objects.exclude(position=None).order_by("-position").values_list("position", flat=True).first()
    return int(newest or 0)


def forget_events(workspace: Workspace) -> datetime:
    """The agenda's nightly work: what is older than 30 days goes, and answers of the API older than one. May be repeated."""
    with working_in(workspace):
        Event.objects.filter(at__lt=now() - KEPT_FOR).delete()
        forget_answers()
    return next_time_of_day(workspace.zone, 3, 40)


def plan_forgetting(workspace: Workspace) -> None:
    """A new workspace forgets each night."""
    agenda.set_due(FORGETTING, next_time_of_day(workspace.zone, 3, 40))
