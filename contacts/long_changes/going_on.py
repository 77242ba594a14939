"""The agenda's work: a change of very many people goes on, a piece a transaction, from where the last one ended.

A worker that is killed loses the piece it was at; the next one begins there.
"""

from datetime import datetime, timedelta

from django.db import transaction

from contacts.long_changes.base import LongKind
from contacts.long_changes.beginning import COMPANY, HAND_ON, RETYPE
from contacts.long_changes.company import FollowCompany
from contacts.long_changes.hand_on import HandOn
from contacts.long_changes.retype import Retype
from contacts.models import LongChange
from lib.clock import now
from workspaces.current import working_in
from workspaces.models import Workspace

KINDS: dict[str, LongKind] = {RETYPE: Retype(), HAND_ON: HandOn(), COMPANY: FollowCompany()}
SHOWN_FOR = timedelta(days=1)
A_PIECE = 2_000  # people in one transaction
State = LongChange.State


def go_on(workspace: Workspace) -> datetime | None:
    """Make what is begun, in its order, then forget what began a day ago and is done."""
    while True:
        with working_in(workspace):
            change = LongChange.objects.filter(state=State.RUNNING).order_by("pk").first()
            if change is None:
                break
            make_piece(change)
    with working_in(workspace):
        LongChange.objects.filter(at__lt=now() - SHOWN_FOR, state=State.DONE).delete()
        kept = LongChange.objects.order_by("at").first()
        return kept.at + SHOWN_FOR + timedelta(minutes=1) if kept else None


def changes_shown(*kinds: str) -> list[LongChange]:
    """What is being changed, and what was within a day where somebody kept what they had; the newest first."""
    found = LongChange.objects.filter(kind__in=kinds, at__gte=now() - SHOWN_FOR) | LongChange.objects.filter(
        kind__in=kinds, state=State.RUNNING
    )
    return [one for one in found.order_by("-pk")[:20] if one.state == State.RUNNING or one.kept_count]


@transaction.atomic
def make_piece(change: LongChange) -> None:
    """The next piece of a change. Holds its row."""
    held = LongChange.objects.select_for_update().get(pk=change.pk)
    if held.state != State.RUNNING:
        return
    piece = KINDS[held.kind].make(held, A_PIECE)
    held.done_count = min(held.done_count + piece.people, held.total_count)
    held.kept_count += piece.kept
    if piece.last_id is None:
        held.state, held.done_count = State.DONE, held.total_count
        held.argument = {key: value for key, value in held.argument.items() if key != "answers"}
    else:
        held.after_id = piece.last_id
    held.save(update_fields=["done_count", "kept_count", "state", "after_id", "argument"])
