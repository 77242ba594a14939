"""Addresses that send back whatever comes: five emails in a row over three days hold an address for thirty.

Nothing is counted on the side: what stands on the deliveries says it, so it is the same in whatever order it came, and
again after every correction. What was refused because of us or of what it said blames no address.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from consent.holding import held_among, hold_addresses, release_addresses
from contacts.models import Identity
from delivery.bounces.refusals import is_about_us
from delivery.messengers.smtp_line import ENHANCED
from delivery.models import Delivery
from lib.clock import now
from lib.sql import array_of_texts, run_sql
from workspaces.current import current_workspace_id

State = Delivery.State
IN_A_ROW, OVER, HELD_FOR = 5, timedelta(days=3), timedelta(days=30)
MOST_READ = 30


class Fate(NamedTuple):
    """What is known of one email to an address; `at` is when it left."""

    state: int
    reason: str
    answer: str
    at: datetime
    bounced_at: datetime | None
    soft_bounced_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None


def settle_holds(addresses: Collection[str]) -> None:
    """Hold those of these that send everything back, and no others of them. May be repeated.

    A constant number of statements, whatever the number.
    """
    wanted = sorted({one for one in addresses if one})
    if not wanted:
        return
    fates: dict[str, list[Fate]] = defaultdict(list)
    params = {"workspace": current_workspace_id(), "kind": int(Identity.Kind.EMAIL), "most": MOST_READ}
    for address, *facts in run_sql("delivery/newest_to_addresses", params | {"addresses": array_of_texts(wanted)}):
        fates[address].append(Fate(*facts))
    ends = {address: end for address in wanted if (end := held_until(fates[address])) is not None and end > now()}
    release_addresses([one for one in wanted if one not in ends])
    hold_addresses(ends)


def settle_held(addresses: Collection[str]) -> None:
    """Something arrived at these: those that were held are judged again. One statement where none was."""
    if addresses:
        settle_holds(held_among({one for one in addresses if one}))


def held_until(fates: Iterable[Fate]) -> datetime | None:
    """Until when an address is held after these, in any order; None where it is not."""
    run: list[datetime] = []
    for fate in sorted(fates, key=lambda one: one.at, reverse=True):
        came_back = _came_back(fate)
        if came_back is not None:
            run.append(came_back)
        elif _arrived(fate):
            break
    if len(run) < IN_A_ROW or max(run) - min(run) < OVER:
        return None
    return max(run) + HELD_FOR


def _came_back(fate: Fate) -> datetime | None:
    """When it came back for a reason of the mailbox's own; a mailbox where somebody read it works."""
    moment = fate.bounced_at or fate.soft_bounced_at
    if moment is None or fate.opened_at or fate.clicked_at:
        return None
    status = ENHANCED.search(fate.answer)
    return None if is_about_us(status[0] if status else "", fate.answer) else moment


def _arrived(fate: Fate) -> bool:
    if fate.opened_at or fate.clicked_at:
        return True
    if fate.bounced_at or fate.soft_bounced_at:
        return False
    return bool(fate.delivered_at) or fate.state == State.SENT
