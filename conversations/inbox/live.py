"""Whether the inbox changed: a stamp in Valkey that every change renews; without Valkey, the newest change itself."""

import time
from functools import partial

from django.core.cache import cache
from django.db import transaction
from django.db.models import Max

from conversations.models import Conversation
from workspaces.current import current_workspace_id

KEPT_SECONDS = 3600


def tell_inbox() -> None:
    """Something in the open workspace's inbox changed; pages that look will see it once this is committed."""
    transaction.on_commit(partial(_stamp, _key()))


def inbox_version() -> str:
    """A text that is another one after every change. Costs one question to Valkey, or one index probe."""
    found = cache.get(_key())
    if found:
        return str(found)
    changed = Conversation.objects.aggregate(at=Max("changed_at"))["at"]
    version = str(int(changed.timestamp() * 1_000_000)) if changed else "0"
    cache.add(_key(), version, KEPT_SECONDS)
    return version


def known_version(workspace_id: int) -> str:
    """The version of this workspace, open or not, as far as Valkey knows it; "" where it does not."""
    return str(cache.get(_key(workspace_id)) or "")


def place_of(conversation_id: int) -> str:
    """Where a member is who has this conversation open (workspaces/presence.py)."""
    return f"conversation:{conversation_id}"


def _stamp(key: str) -> None:
    cache.set(key, f"{time.time_ns()}", KEPT_SECONDS)


def _key(workspace_id: int | None = None) -> str:
    return f"inbox:{workspace_id or current_workspace_id()}"
