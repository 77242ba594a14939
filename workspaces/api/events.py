"""`/events`: the log, to be read from any place of the last 30 days on."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from lib.clock import now
from lib.pages import write_cursor
from lib.rooms import house
from workspaces.api.door import scope
from workspaces.api.pages import Paged, PageOf
from workspaces.api.problems import Problem, refuse
from workspaces.events import KEPT_FOR, data_of, events_after, number_events
from workspaces.models import Event

router = Router()


class EventsAsked(Paged):
    """Which events."""

    type: str | None = Field(None, max_length=40, description="Of this kind alone.")


class EventShape(Schema):
    """Something that happened, to whom; what is true now is read from the contacts themselves."""

    cursor: str = Field(description="Send it as `after` to go on behind this event, today or another day.")
    type: str
    at: datetime
    data: dict[str, Any]


@router.get("/events", response=PageOf[EventShape], summary="What happened")
@scope("events:read")
def list_events(request: HttpRequest, asked: Query[EventsAsked]) -> dict[str, Any]:
    """Oldest first. Keep the cursor of the last event that you have dealt with: behind it stands all that came later.

    One event may be of up to 5,000 contacts. 409 where the cursor is older than the log.
    """
    place = asked.place(int, datetime)
    if place and place[1] < now() - KEPT_FOR:
        raise Problem(
            409, f"The log is kept for {KEPT_FOR.days} days: read all anew, then begin there.", code="too_old"
        )
    if asked.type is not None and asked.type not in house.event_types:
        raise refuse("query.type", f"Known: {', '.join(house.event_types)}.")
    number_events()
    kinds = [asked.type] if asked.type else []
    rows = events_after(place[0] if place else 0, kinds=kinds, limit=asked.limit + 1)
    shown = rows[: asked.limit]
    return {"items": [_shape(row) for row in shown], "next": _cursor(shown[-1]) if len(rows) > asked.limit else None}


def _cursor(row: Event) -> str:
    return write_cursor(row.position, row.at.isoformat())


def _shape(row: Event) -> dict[str, Any]:
    return {"cursor": _cursor(row), "type": row.type, "at": row.at, "data": data_of(row)}
