"""How a connection is: what the last look told of it, in figures that its page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count

from conversations.models import Connection, Mention
from lib.clock import now

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Health:
    """`lag_seconds` from a post to the inbox; `left` of `of` requests until the server counts anew; None: not told.

    `is_live`: its news come by themselves at this moment.
    """

    account: str = ""
    software: str = ""
    lag_seconds: int | None = None
    left: int | None = None
    of: int | None = None
    heard_count: int = 0
    is_live: bool = False


def health_of(connection: Connection, heard_count: int = 0, *, is_live: bool = False) -> Health:
    """What is known of this connection; whatever its server said wrongly counts as not told."""
    told = connection.health if isinstance(connection.health, dict) else {}
    quota = told.get("quota")
    quota = quota if isinstance(quota, dict) else {}
    left, of = _whole(quota.get("left")), _whole(quota.get("of"))
    acct = connection.settings.get("acct") if isinstance(connection.settings, dict) else ""
    return Health(
        account=f"@{acct}" if isinstance(acct, str) and acct else "",
        software=" ".join(filter(None, (_words(told, "software"), _words(told, "version")))),
        lag_seconds=_whole(told.get("lag_seconds")),
        left=left if of else None,
        of=of if left is not None else None,
        heard_count=heard_count,
        is_live=is_live,
    )


def heard_lately() -> dict[int, int]:
    """Connection → mentions that came by it in the last 24 hours. One query."""
    rows = Mention.objects.filter(received_at__gte=now() - DAY, is_silent=False).order_by()
    return dict(rows.values_list("connection").annotate(Count("pk")))


def _words(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value[:40] if isinstance(value, str) else ""


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
