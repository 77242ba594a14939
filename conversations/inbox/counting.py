"""How many stand in each queue and wait by each channel."""

from datetime import timedelta
from typing import Any

from django.core.cache import cache

from conversations.channels import network_icon, network_name
from conversations.inbox.queues import QUEUES
from conversations.naming import KEPT
from lib.clock import now
from lib.sql import load_sql, run_dicts
from workspaces.current import current_workspace_id

MANY, MANY_FOR = 10_000, 10


def count_queues(user_id: int, version: str) -> dict[str, Any]:
    """Queues and channels with their counts, as of this version of the inbox; one query, two when it is a new one.

    Whoever is in no team has no queue of their teams.
    """
    rows, moment = _counted(version), now()
    own = run_dicts(
        load_sql("conversations/inbox_own_counts"),
        {"workspace": current_workspace_id(), "user": user_id, "since": moment - KEPT},
    )[0]
    sums = {key: sum(row[key] for row in rows) for key in ("waiting", "unassigned", "snoozed")}
    sums |= {"mine": own["mine"], "named": own["named"]}
    sums["team"] = sum(row["waiting"] for row in rows if row["team_id"] in own["teams"])
    queues = [
        {"key": key, "name": name, "icon": icon, "count": sums.get(key, 0)}
        for key, (name, icon) in QUEUES.items()
        if key != "team" or own["teams"]
    ]
    waiting: dict[str, int] = {}
    for row in rows:
        waiting[row["network"]] = waiting.get(row["network"], 0) + row["waiting"]
    channels = [
        {"key": key, "name": network_name(key), "icon": network_icon(key), "count": count}
        for key, count in waiting.items()
        if count
    ]
    return {"queues": queues, "channels": channels, "waiting": sums["waiting"]}


def _counted(version: str) -> list[dict[str, Any]]:
    """How many wait, by network and team: counted once a version for everybody; of very many, at most each MANY_FOR
    seconds.
    """
    key, moment = f"inbox-waits:{current_workspace_id()}", now()
    kept = cache.get(key)
    if kept and (kept["version"] == version or moment < kept["good_until"]):
        return list(kept["rows"])
    rows = run_dicts(load_sql("conversations/inbox_counts"), {"workspace": current_workspace_id()})
    are_many = sum(row["waiting"] for row in rows) > MANY
    good_until = moment + timedelta(seconds=MANY_FOR if are_many else 0)
    cache.set(key, {"version": version, "good_until": good_until, "rows": rows}, MANY_FOR * 60)
    return rows
