"""What people got lately: what the steps about frequency and caps count."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from consent.asking import Ask
from contacts.channels import Channel
from delivery.models import Delivery
from delivery.senders import wordless_kinds
from lib.clock import now
from lib.sql import array_of, array_of_texts, read_sql, run_prepared
from workspaces.current import current_workspace_id

WEEK, MONTH = 7, 30


class Received(NamedTuple):
    """How much one person got in the days asked for: of any purpose in `messages`, the oldest at `first`, the newest at `newest`.

    Of offers in `offers_week` (7 days) and `offers_day` (1 day), of the asked cap group in `group_week`; `week_first`: the
    oldest of any purpose in 7 days. Of more than the days asked for nothing is known.
    """

    contact_id: int
    messages: int
    offers_week: int
    offers_day: int
    group_week: int
    week_first: datetime | None
    first: datetime
    newest: datetime


def received(ask: Ask, contact_ids: Sequence[int], *, days: int) -> dict[int, Received]:
    """Contact id → how much these people (survivors) got in so many days, with those merged into them; one statement.

    Who got nothing is left out. Read no more days than are counted: people whom much is sent to have many rows of a month.
    """
    if not contact_ids or ask.channel == Channel.ADS:  # a list of an ad network is no message, and none counts for it
        return {}
    params = {
        "workspace": current_workspace_id(),
        "contacts": array_of(contact_ids),
        "message": ask.message_id or 0,
        "cap_group": ask.cap_group or 0,
        "counted": array_of([Delivery.State.SENDING, Delivery.State.SENT]),
        "uncounted": array_of_texts(wordless_kinds()),
        "days": days,
        "now": now(),
    }
    return {row[0]: Received._make(row) for row in run_prepared(read_sql("delivery/received"), params)}
