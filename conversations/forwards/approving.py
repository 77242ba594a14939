"""What members forward whose role asks for a second pair of eyes: it waits until somebody approves it, or gives it back."""

from typing import Any

from django.db import transaction

from conversations import events
from conversations.answers.approving import approvers_of
from conversations.answers.replying import GoneError
from conversations.events import tell_forward
from conversations.forwards.addresses import check_address
from conversations.forwards.forwarding import GONE, WORK, forward
from conversations.inbox.live import tell_inbox
from conversations.merges.threads import held_conversation
from conversations.models import Forward, Mention
from conversations.telling_members import FORWARD_ASKED, FORWARD_RETURNED
from lib.clock import now
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.models import User
from workspaces.notices.noticing import notify

State = Forward.State


@transaction.atomic
def ask_to_forward(mention: Mention, address: str, note: str = "", *, by: User, **facts: Any) -> Forward:
    """As `forward` (which says what `facts` there are), but it leaves when somebody approves it; those who may are told, once
    for each key. GoneError, CannotForwardError. Locks the conversation.
    """
    held_conversation(mention)
    is_new = facts.get("key") is None or not Forward.objects.filter(key=facts["key"]).exists()
    row = forward(mention, address, note, by=by, asks=True, **facts)
    if is_new:
        _tell_approvers(row, by)
    return row


@transaction.atomic
def ask_again(row: Forward, *, by: User) -> bool:
    """What was given back asks once more; False where it was not given back. Locks the row."""
    held = _held(row, State.RETURNED)
    if held is None:
        return False
    held.state, held.last_error = State.ASKED, ""
    held.save(update_fields=["state", "last_error"])
    audit("forward.asked", by=by, target=held.mention, forward=held.pk)
    _tell_approvers(held, by)
    tell_inbox()
    return True


@transaction.atomic
def approve_forward(row: Forward, *, by: User | None) -> bool:
    """It leaves, in its writer's name; False where it asks no longer. GoneError, CannotForwardError. Locks the row."""
    held = _held(row, State.ASKED)
    if held is None:
        return False
    if not held.address or Mention.objects.filter(GONE, pk=held.mention_id).exists():
        raise GoneError
    check_address(held.address, held.mention)
    held.state, held.due_at, held.approved_at = State.WAITING, now(), now()
    held.approved_by_id, held.attempts = by.pk if by else None, 1  # it cannot be taken back any more
    held.save(update_fields=["state", "due_at", "approved_at", "approved_by_id", "attempts"])
    audit("forward.approved", by=by, target=held.mention, forward=held.pk, writer=held.by_id)
    tell_forward(events.FORWARD_APPROVED, held)
    agenda.set_due(WORK)
    tell_inbox()
    return True


@transaction.atomic
def return_forward(row: Forward, *, by: User | None) -> bool:
    """It stays here, and its writer is told, who may take it back or ask again; False where it asks no longer."""
    held = _held(row, State.ASKED)
    if held is None:
        return False
    held.state = State.RETURNED
    held.save(update_fields=["state"])
    occasion = f"{held.pk} {now():%Y-%m-%dT%H:%M:%S}"
    tell_forward(events.FORWARD_RETURNED, held)
    notify(FORWARD_RETURNED, held.conversation_id, [held.by_id], by_id=by.pk if by else None, occasion=occasion)
    audit("forward.given_back", by=by, target=held.mention, forward=held.pk, writer=held.by_id)
    tell_inbox()
    return True


def _held(row: Forward, state: State) -> Forward | None:
    rows = Forward.objects.select_for_update(of=("self",)).filter(pk=row.pk, state=state)
    return rows.select_related(
        "mention__author", "mention__conversation__author", "conversation__connection", "conversation__author"
    ).first()


def _tell_approvers(row: Forward, by: User) -> None:
    tell_forward(events.FORWARD_ASKED, row)
    occasion = f"{row.pk} {now():%Y-%m-%dT%H:%M:%S}"
    notify(FORWARD_ASKED, row.conversation_id, approvers_of(row.conversation), by_id=by.pk, occasion=occasion)
