"""What arrives by the thousand from outside (opens, clicks): into a Valkey stream at once, into the ledger soon.

A consumer group hands each entry to one worker; it is acknowledged after commit, so a killed worker loses nothing.
Entries rest five seconds first, so that a scanner's "every link within a second" can be seen. Without Valkey the
handler runs at once.
"""

import json
import os
import socket
from collections import defaultdict
from typing import Any

import redis
import structlog

from lib.rooms import house
from lib.valkey import valkey
from workspaces.current import working_in
from workspaces.models import Workspace

STREAM, GROUP, DEAD = "ecrm:stream", "ledger", "ecrm:stream:dead"
REST_MS = 5_000
BATCH = 1_000
MOST_TRIES = 5

log = structlog.get_logger(__name__)


def push(workspace_id: int, name: str, data: dict[str, Any]) -> None:
    """Hand over one item. Returns when it is safe: in the stream, or, while Valkey is down, in the ledger."""
    fields = {"workspace": str(workspace_id), "name": name, "data": json.dumps(data, default=str)}
    try:
        valkey().xadd(STREAM, fields)  # type: ignore[arg-type]
    except redis.RedisError:
        _handle(Workspace.objects.get(pk=workspace_id), name, [data])


def drain(*, rest_ms: int = REST_MS) -> int:
    """Take what has rested, batch by batch, and give it to its handlers. Returns how many items were done."""
    client, done = valkey(), 0
    consumer = f"{socket.gethostname()}-{os.getpid()}"
    _ensure_group(client)
    client.xreadgroup(GROUP, consumer, {STREAM: ">"}, count=BATCH * 5)
    start = "0-0"
    while True:
        start, entries, *_ = client.xautoclaim(STREAM, GROUP, consumer, rest_ms, start_id=start, count=BATCH)
        done += _do(client, [entry for entry in entries if entry[1]])
        if start in {b"0-0", "0-0"}:
            return done


def waiting_count() -> int:
    """How many items lie in the stream, for the doctor."""
    return int(valkey().xlen(STREAM))


def _ensure_group(client: redis.Redis) -> None:
    try:
        client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


def _do(client: redis.Redis, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> int:
    groups: dict[tuple[int, str], list[tuple[bytes, dict[str, Any]]]] = defaultdict(list)
    for id_, fields in entries:
        groups[int(fields[b"workspace"]), fields[b"name"].decode()].append((id_, json.loads(fields[b"data"])))
    workspaces = Workspace.objects.in_bulk([workspace for workspace, _name in groups])
    done = 0
    for (workspace_id, name), items in groups.items():
        ids = [id_ for id_, _data in items]
        try:
            if workspace_id in workspaces:
                _handle(workspaces[workspace_id], name, [data for _id, data in items])
        except Exception:
            log.exception("stream_failed", name=name, workspace_id=workspace_id, count=len(items))
            ids = _bury_hopeless(client, ids)
        if ids:
            client.xack(STREAM, GROUP, *ids)
            client.xdel(STREAM, *ids)
            done += len(ids)
    return done


def _handle(workspace: Workspace, name: str, items: list[dict[str, Any]]) -> None:
    with working_in(workspace):
        house.stream_handlers[name](workspace, items)


def _bury_hopeless(client: redis.Redis, ids: list[bytes]) -> list[bytes]:
    """Items that failed five times go to a stream of their own, so that they do not hold up the others."""
    hopeless = []
    for id_ in ids:
        pending = client.xpending_range(STREAM, GROUP, id_, id_, 1)
        if pending and int(pending[0]["times_delivered"]) >= MOST_TRIES:
            for _entry, fields in client.xrange(STREAM, id_, id_) or []:  # type: ignore[misc]
                client.xadd(DEAD, fields)  # type: ignore[arg-type]
            hopeless.append(id_)
    return hopeless
