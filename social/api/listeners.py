"""`/connections` and `/listeners`: by which ways people reach us, and the hashtags and words that are looked for there."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from conversations.models import Connection, WatchedQuery
from lib.foreign.cleaning import to_storable
from lib.rooms import house
from social.connecting import network_of, set_active
from social.watching import CannotWatchError, change_watched, found_lately, unwatch, watch
from workspaces.api.door import scope
from workspaces.api.pages import Id, Paged, PageOf, Taken, page_by_id
from workspaces.api.problems import Problem, nothing_here, refuse

router = Router()
LONGEST = 200


class ConnectionShape(Schema):
    """A way by which people reach us. Secrets are never told."""

    id: int
    network: str
    name: str
    is_public: bool
    is_active: bool
    finds: list[str] = Field(description="What a listener of it can look for: hashtag, words.")
    polled_at: datetime | None = Field(description="When something last came in, or was looked for with success.")
    failures: int
    last_error: str


class ChangedConnection(Taken):
    """What changes; the rest stays."""

    is_active: bool = Field(description="false: it pauses, and nothing comes in until it goes on.")


class ListenerShape(Schema):
    """A hashtag or words that a connection looks for. What it finds asks for no answer."""

    id: int
    connection: int
    kind: str
    query: str
    looked_at: datetime | None = Field(description="When it was last looked for with success.")
    found_lately: int = Field(description="Posts of the last seven days that it was the first to bring.")
    failures: int
    last_error: str


class AskedListeners(Paged):
    """Which are listed."""

    connection: Id | None = None


class NewListener(Taken):
    """What a connection is to look for."""

    connection: Id
    kind: WatchedQuery.Kind
    query: str = Field(min_length=1, max_length=LONGEST)


class ChangedListener(Taken):
    """What it looks for instead."""

    query: str = Field(min_length=1, max_length=LONGEST)


@router.get("/connections", response=PageOf[ConnectionShape], summary="List connections")
@scope("connections:read")
def list_connections(request: HttpRequest, asked: Query[Paged]) -> dict[str, Any]:
    """The oldest first."""
    shown, after = page_by_id(Connection.objects.all(), asked)
    return {"items": [_connection(one) for one in shown], "next": after}


@router.patch("/connections/{connection_id}", response=ConnectionShape, summary="Pause a connection, or let it go on")
@scope("connections:write", "connections:read")
def change_connection(request: HttpRequest, connection_id: Id, said: ChangedConnection) -> dict[str, Any]:
    """What came in stays. May be repeated."""
    row = _found_connection(connection_id)
    if row.is_active != said.is_active:
        set_active(row, said.is_active, by=None)
    return _connection(row)


@router.get("/listeners", response=PageOf[ListenerShape], summary="List listeners")
@scope("connections:read")
def list_listeners(request: HttpRequest, asked: Query[AskedListeners]) -> dict[str, Any]:
    """Of all connections or of one, the oldest first."""
    rows = WatchedQuery.objects.select_related("connection")
    shown, after = page_by_id(rows.filter(connection=asked.connection) if asked.connection else rows, asked)
    return {"items": _listeners(shown), "next": after}


@router.post("/listeners", response={201: ListenerShape}, summary="Listen to a hashtag or words")
@scope("connections:write", "connections:read")
def add_listener(request: HttpRequest, said: NewListener) -> Status:
    """The last day comes in first. May be repeated: the one that stands comes back. 422 says why not."""
    connection = Connection.objects.filter(pk=said.connection).first()
    if connection is None:
        raise refuse("body.connection", "There is no such connection.")
    try:
        made = watch(connection, said.kind.value, to_storable(said.query), finds=_finds(connection), by=None)
    except CannotWatchError as error:
        raise refuse("body.query", str(error)) from error
    return Status(201, _listeners([made])[0])


@router.patch("/listeners/{listener_id}", response=ListenerShape, summary="Look for something else")
@scope("connections:write", "connections:read")
def change_listener(request: HttpRequest, listener_id: Id, said: ChangedListener) -> dict[str, Any]:
    """The last day comes in first; what was found before stays. 422 changes nothing."""
    row = _found(listener_id)
    try:
        return _listeners([change_watched(row, to_storable(said.query), by=None)])[0]
    except CannotWatchError as error:
        raise refuse("body.query", str(error)) from error


@router.delete("/listeners/{listener_id}", response={204: None}, summary="Listen no more")
@scope("connections:write")
def remove_listener(request: HttpRequest, listener_id: Id) -> Status:
    """What it found stays."""
    unwatch(_found(listener_id), by=None)
    return Status(204, None)


def _found(pk: int) -> WatchedQuery:
    row = WatchedQuery.objects.select_related("connection").filter(pk=pk).first()
    if row is None:
        raise nothing_here("listener")
    return row


def _found_connection(pk: int) -> Connection:
    row = Connection.objects.filter(pk=pk).first()
    if row is None:
        raise nothing_here("connection")
    if row.network not in house.networks:
        raise Problem(409, "Its network is not there any more.", code="no_network")
    return row


def _finds(connection: Connection) -> list[str]:
    """What it can look for; nothing where its network is not there any more."""
    if connection.network not in house.networks:
        return []
    return sorted(getattr(network_of(connection).capabilities(), "finds", ()))


def _connection(row: Connection) -> dict[str, Any]:
    names = ("network", "name", "is_public", "is_active", "polled_at", "failures", "last_error")
    return {"id": row.pk, "finds": _finds(row)} | {name: getattr(row, name) for name in names}


def _listeners(rows: list[WatchedQuery]) -> list[dict[str, Any]]:
    counts = {one.pk: found_lately(one) for one in {row.connection for row in rows}}
    names = ("kind", "query", "looked_at", "failures", "last_error")
    return [
        {"id": row.pk, "connection": row.connection_id, "found_lately": counts[row.connection_id].get(str(row), 0)}
        | {name: getattr(row, name) for name in names}
        for row in rows
    ]
