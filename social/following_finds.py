"""What became of posts that a listener found and nobody answered: deleted, changed, or as they were. A few a look, in turn.

Their words stand in our inbox, so what their authors take back goes here as well, though it never asked for an answer.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from conversations.channels import ChannelError, Heard
from conversations.models import Conversation, Mention, WatchedQuery
from lib.clock import now
from social.host_budget import BudgetSpentError
from social.networks.shapes import moment_at
from workspaces.current import working_in
from workspaces.models import Workspace

FOLLOWED = timedelta(days=7)
OPEN = (Conversation.State.WAITING, Conversation.State.SNOOZED)  # these are followed with what is written to us


def follow_finds(workspace: Workspace, network: Any, row: WatchedQuery) -> tuple[list[Heard], dict[str, Any]]:
    """(what the next few finds of this listener are now, what to keep of that in its cursor). Outside any transaction.

    Nothing where the network looks nothing up, or not so soon again. What is new never waits for it: whatever goes wrong,
    the next look goes on with those that follow.
    """
    at_once, every = getattr(network, "finds_followed", (0, timedelta()))
    kept = {name: row.cursor[name] for name in ("found", "found_at") if name in row.cursor}
    said_at = moment_at(kept, "found_at")
    if not at_once or (said_at is not None and said_at > now() - every):
        return [], kept
    with working_in(workspace):
        found = _next(row, kept, at_once)
    place = {"found": found[-1].pk if len(found) == at_once else 0, "found_at": now().isoformat()}
    if not found:
        return [], place
    by = {one.remote_id: one.found_by for one in found}
    try:
        told = network.look_again(found)
    except (ChannelError, BudgetSpentError):
        return [], place
    return [replace(one, found_by=by[one.remote_id]) for one in told if one.remote_id in by], place


def _next(row: WatchedQuery, kept: Mapping[str, Any], at_once: int) -> list[Mention]:
    """Those after the last one that was looked at, from the beginning again when there are none."""
    after = kept.get("found")
    rows = Mention.objects.filter(connection=row.connection_id, found_by=str(row), is_silent=True, deleted_at=None)
    rows = rows.filter(answered_at=None, published_at__gt=now() - FOLLOWED).exclude(conversation__state__in=OPEN)
    rows = rows.exclude(conversation__state=Conversation.State.SPAM).order_by("pk")
    return list(rows.filter(pk__gt=after if isinstance(after, int) else 0)[:at_once])
