"""What a delivery says after all that came back about it, in whatever order and however often that came.

Each kind has its own moment on the row; first moments only get earlier, that of a soft bounce only later. So any order
gives the same end, and the same again changes nothing.
"""

from datetime import datetime

from delivery.engine.resending import UNKNOWN
from delivery.models import Delivery
from delivery.returns.events import Kind, ReturnEvent

State = Delivery.State
DOUBTED = frozenset(
    {"in_flight", "killed", "left", UNKNOWN}
)  # why one was in doubt; kept when a sign of life settles it
FOLDED = (
    "state",
    "answer",
    "sent_at",
    "delivered_at",
    "soft_bounced_at",
    "bounced_at",
    "complained_at",
    "unsubscribed_at",
)


def fold(row: Delivery, one: ReturnEvent) -> None:
    """Note one event on the row; nothing is saved. Opens and clicks are tracking's own (tracking/taking.py)."""
    _settle(row, one.at)
    if one.kind == Kind.DELIVERED:
        row.delivered_at = _earlier(row.delivered_at, one.at)
    elif one.kind == Kind.COMPLAINT:
        row.complained_at = _earlier(row.complained_at, one.at)
    elif one.kind == Kind.UNSUBSCRIBE:
        row.unsubscribed_at = _earlier(row.unsubscribed_at, one.at)
    elif one.kind == Kind.HARD:
        _bounce_hard(row, one)
    elif one.kind == Kind.SOFT:
        _bounce_soft(row, one)


def _settle(row: Delivery, at: datetime) -> None:
    """Whatever came back proves that one in doubt had left."""
    if row.state == State.IN_DOUBT or (row.state == State.DEFERRED and row.reason == UNKNOWN):
        row.state, row.sent_at = State.SENT, at
    elif row.state == State.SENT and row.reason in DOUBTED:
        row.sent_at = _earlier(row.sent_at, at)


def _bounce_hard(row: Delivery, one: ReturnEvent) -> None:
    """The earliest one's answer stands; what a server refused at once keeps its own."""
    is_first = row.bounced_at is None or (one.at, one.answer) < (row.bounced_at, row.answer)
    row.bounced_at = _earlier(row.bounced_at, one.at)
    if is_first and row.state != State.FAILED:
        row.answer = one.answer


def _bounce_soft(row: Delivery, one: ReturnEvent) -> None:
    """The last one's answer stands, unless it bounced for good."""
    before = row.soft_bounced_at
    row.soft_bounced_at = one.at if before is None else max(before, one.at)
    if row.state == State.FAILED or row.bounced_at is not None:
        return
    if before is None or (one.at, one.answer) > (before, row.answer):
        row.answer = one.answer


def _earlier(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)
