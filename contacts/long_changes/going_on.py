"""The agenda's work: a change of very many people goes on, a piece a transaction, from where the last one ended.

A worker that is killed loses the piece it was at; the next one begins there. A change whose piece fails time and again
has failed, with its reason, and the next change has its turn.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from contacts.long_changes.base import LongKind
from contacts.long_changes.beginning import COMPANY, HAND_ON, RETYPE
from contacts.long_changes.company import FollowCompany
from contacts.long_changes.hand_on import HandOn
from contacts.long_changes.retype import Retype
from contacts.models import LongChange
from lib.bisecting import reason_of
from lib.clock import now
from lib.retrying import is_passing
from workspaces.current import working_in
from workspaces.models import Workspace

KINDS: dict[str, LongKind] = {RETYPE: Retype(), HAND_ON: HandOn(), COMPANY: FollowCompany()}
SHOWN_FOR = timedelta(days=1)
A_PIECE = 2_000  # people in one transaction
MOST_TRIES = 5  # of one piece
State = LongChange.State

log = structlog.get_logger(__name__)


def go_on(workspace: Workspace) -> datetime | None:
    """Make what is begun, in its order, then forget what began a day ago and is over."""
    while _go_a_piece_on(workspace):
        pass
    with working_in(workspace):
        LongChange.objects.filter(at__lt=now() - SHOWN_FOR).exclude(state=State.RUNNING).delete()
        kept = LongChange.objects.order_by("at").first()
        return kept.at + SHOWN_FOR + timedelta(minutes=1) if kept else None


def changes_shown(*kinds: str) -> list[LongChange]:
    """What is being changed, and what was within a day where it failed, or somebody kept what they had; the newest first."""
    found = LongChange.objects.filter(kind__in=kinds, at__gte=now() - SHOWN_FOR) | LongChange.objects.filter(
        kind__in=kinds, state=State.RUNNING
    )
    return [one for one in found.order_by("-pk")[:20] if one.state != State.DONE or one.kept_count]


@transaction.atomic
def make_piece(change: LongChange) -> None:
    """The next piece of a change. Holds its row."""
    held = LongChange.objects.select_for_update().get(pk=change.pk)
    if held.state != State.RUNNING:
        return
    piece = KINDS[held.kind].make(held, A_PIECE)
    held.done_count = min(held.done_count + piece.people, held.total_count)
    held.kept_count += piece.kept
    held.tries, held.trouble = 0, ""
    if piece.last_id is None:
        held.state, held.done_count = State.DONE, held.total_count
        held.argument = _without_answers(held)
    else:
        held.after_id = piece.last_id
    held.save(update_fields=["done_count", "kept_count", "state", "after_id", "argument", "tries", "trouble"])


def _go_a_piece_on(workspace: Workspace) -> bool:
    """The next piece of the first change that runs; False where none does. Raises by what it failed, to be tried again."""
    change = None
    try:
        with working_in(workspace):
            change = LongChange.objects.filter(state=State.RUNNING).order_by("pk").first()
            if change is not None:
                make_piece(change)
    except Exception as error:
        if change is None or is_passing(error):
            raise
        with working_in(workspace):
            is_over = _count_failure(change, error)
        if not is_over:
            raise
        log.exception("long_change_failed", change=change.pk, kind=change.kind)
    return change is not None


def _count_failure(change: LongChange, error: Exception) -> bool:
    """Keep that a piece failed, and why; True where that was once too often."""
    held = LongChange.objects.select_for_update().get(pk=change.pk)
    held.tries, held.trouble = held.tries + 1, reason_of(error)[:200]
    if held.tries >= MOST_TRIES and held.state == State.RUNNING:
        held.state, held.argument = State.FAILED, _without_answers(held)
    held.save(update_fields=["tries", "trouble", "state", "argument"])
    return held.state != State.RUNNING


def _without_answers(change: LongChange) -> dict[str, Any]:
    """Its argument without words that people held."""
    return {key: value for key, value in change.argument.items() if key != "answers"}
