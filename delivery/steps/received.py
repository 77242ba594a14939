"""What people got lately: what the steps about frequency and caps count."""

from collections.abc import Sequence
from typing import Any

from consent.asking import Ask
from contacts.channels import Channel
from delivery.models import Delivery
from delivery.senders import wordless_kinds
from lib.clock import now
from lib.sql import array_of, array_of_texts, load_sql, run_dicts
from workspaces.current import current_workspace_id


def received(ask: Ask, contact_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Contact id → how much these people (survivors) got lately, with those merged into them; one statement."""
    if not contact_ids or ask.channel == Channel.ADS:  # a list of an ad network is no message, and none counts for it
        return {}
    rows = run_dicts(
        load_sql("delivery/received"),
        {
            "workspace": current_workspace_id(),
            "contacts": array_of(contact_ids),
            "message": ask.message_id or 0,
            "cap_group": ask.cap_group,
            "counted": [int(Delivery.State.SENDING), int(Delivery.State.SENT)],
            "uncounted": array_of_texts(wordless_kinds()),
            "now": now(),
        },
    )
    return {row["contact_id"]: row for row in rows}
