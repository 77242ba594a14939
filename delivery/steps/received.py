"""What people got lately: what the steps about frequency and caps count."""

from collections.abc import Sequence
from typing import Any

from consent.asking import Ask
from delivery.models import Delivery
from lib.clock import now
from lib.sql import array_of, load_sql, run_dicts
from workspaces.current import current_workspace_id


def received(ask: Ask, contact_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Contact id → how much these people (survivors) got lately, with those merged into them; one statement."""
    if not contact_ids:
        return {}
    rows = run_dicts(
        load_sql("delivery/received"),
        {
            "workspace": current_workspace_id(),
            "contacts": array_of(contact_ids),
            "message": ask.message_id or 0,
            "cap_group": ask.cap_group,
            "counted": [int(Delivery.State.SENDING), int(Delivery.State.SENT)],
            "now": now(),
        },
    )
    return {row["contact_id"]: row for row in rows}
