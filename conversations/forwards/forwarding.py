"""Forwarding one message of a conversation by email, with a word on top: it answers nobody and changes no clock."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q

from conversations.answers.replying import GoneError
from conversations.forwards.addresses import check_address
from conversations.inbox.live import tell_inbox
from conversations.merges.threads import held_conversation
from conversations.models import Forward, Mention
from conversations.models.connections import ERASED
from lib.clock import now
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.models import User

WORK = "conversations.forward"
State = Forward.State
GONE = Q(deleted_at__isnull=False) | Q(author__handle__startswith=ERASED)  # mentions of which no word is left


@transaction.atomic
def forward(
    mention: Mention,
    address: str,
    note: str = "",
    *,
    by: User | None,
    key: UUID | None = None,
    names_author: bool = True,
    wait: timedelta = timedelta(),
    asks: bool = False,
) -> Forward:
    """Put one message on its way to this address by email and return its row.

    May be repeated with the same `key`: the same row comes back. `names_author` False leaves out who wrote it. It leaves
    after `wait`, until which `take_back` undoes it; where it `asks`, not before somebody approves it. GoneError for what was
    deleted or erased, CannotForwardError. Locks the conversation.
    """
    held_conversation(mention)
    if same := Forward.objects.filter(key=key).first() if key else None:
        return same
    held = Mention.objects.exclude(GONE).select_related("author", "conversation__author").filter(pk=mention.pk).first()
    if held is None:
        raise GoneError
    to = check_address(address, held)
    row = Forward(conversation_id=held.conversation_id, mention=held, key=key or uuid4(), address=to, note=note)
    row.by_id, row.names_author = by.pk if by else None, names_author
    row.due_at, row.state = (None, State.ASKED) if asks else (row.created_at + wait, State.WAITING)
    row.save()
    if row.due_at:
        agenda.set_due(WORK, row.due_at)
    audit("forward.asked" if asks else "mention.forwarded", by=by, target=held, forward=row.pk)
    tell_inbox()
    return row


@transaction.atomic
def take_back(row: Forward, *, by: User) -> bool:
    """A forward that has not left yet, or waits to be approved, is undone; False when it is too late."""
    waits = Forward.objects.filter(state__in=[State.WAITING, State.ASKED, State.RETURNED])
    held = waits.select_for_update().filter(pk=row.pk, attempts=0).first()
    if held is None:
        return False
    audit("forward.taken_back", by=by, target=held)
    held.delete()
    tell_inbox()
    return True


@transaction.atomic
def try_again(row: Forward, *, by: User) -> None:
    """Send one that did not leave, or perhaps left, once more under the same Message-ID. May be repeated.

    GoneError, CannotForwardError.
    """
    held = Forward.objects.select_for_update(of=("self",)).select_related("mention__author").get(pk=row.pk)
    if held.state not in {State.FAILED, State.UNCLEAR}:
        return
    if not held.address or Mention.objects.filter(GONE, pk=held.mention_id).exists():
        raise GoneError
    check_address(held.address, held.mention)
    held.state, held.due_at, held.leased_until, held.last_error = State.WAITING, now(), None, ""
    held.attempts += 1  # it cannot be taken back any more
    held.save(update_fields=["state", "due_at", "leased_until", "last_error", "attempts"])
    audit("forward.tried_again", by=by, target=held)
    agenda.set_due(WORK)
    tell_inbox()
