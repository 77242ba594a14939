"""Answers by a way that cannot tell a second request from the first: never twice, whatever dies on the way.

              ┌── nothing left, or refused ── leave_doubt ──▶ it may be asked again
enter_doubt ──┤── taken ─────────────────────────────────────▶ sent (handing_over.py)
  own commit  └── no answer, or our worker died ─────────────▶ in doubt: the channel looks, or waits to be told
"""

from conversations.channels import ChannelError, Outbox
from conversations.models import Reply
from lib.clock import now


class TakenOverError(ChannelError):
    """Somebody else has the answer by now, or it was settled: nothing may leave."""


def enter_doubt(row: Outbox) -> None:
    """Write down that a request for this answer leaves now. Call it in a transaction that ends before. TakenOverError."""
    mine = Reply.objects.filter(key=row.key, state=Reply.State.SENDING, attempts=row.attempt, in_doubt_at=None)
    if not mine.update(in_doubt_at=now()):
        raise TakenOverError("it is in other hands")


def leave_doubt(row: Outbox) -> None:
    """It is certain that nothing of it went on: it may be asked again. May be repeated."""
    Reply.objects.filter(key=row.key, attempts=row.attempt).update(in_doubt_at=None)
