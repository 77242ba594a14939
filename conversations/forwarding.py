"""Forwarding one message of a conversation by email, with a word on top: it answers nobody and changes no clock."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from consent.suppressing import is_suppressed
from contacts.addresses import BadAddressError, normalise_email
from conversations.live import tell_inbox
from conversations.models import Connection, Conversation, Forward, Mention
from conversations.replying import GoneError
from delivery.direct_emails import find_direct_sender
from delivery.models import Sender
from lib.clock import now
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.models import User

WORK = "conversations.forward"


class CannotForwardError(Exception):
    """It cannot be forwarded there; the text says why and what can be done."""


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
) -> Forward:
    """Put one message on its way to this address by email and return its row.

    May be repeated with the same `key`: the same row comes back. `names_author` False leaves out who wrote it. It leaves
    after `wait`, until which `take_back` undoes it. GoneError for what was deleted, CannotForwardError.
    """
    Conversation.objects.select_for_update().get(pk=mention.conversation_id)
    if same := Forward.objects.filter(key=key).first() if key else None:
        return same
    if not Mention.objects.filter(pk=mention.pk, deleted_at=None).exists():
        raise GoneError
    to = check_address(address, mention)
    row = Forward(conversation_id=mention.conversation_id, mention=mention, key=key or uuid4(), address=to, note=note)
    row.by_id, row.names_author, row.due_at = by.pk if by else None, names_author, row.created_at + wait
    row.save()
    agenda.set_due(WORK, row.due_at)
    audit("mention.forwarded", by=by, target=mention, forward=row.pk)
    tell_inbox()
    return row


@transaction.atomic
def take_back(row: Forward, *, by: User) -> bool:
    """A forward that has not left yet is undone; False when it is too late."""
    held = Forward.objects.select_for_update().filter(pk=row.pk, state=Forward.State.WAITING, attempts=0).first()
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
    if held.state not in {Forward.State.FAILED, Forward.State.UNCLEAR}:
        return
    if held.mention.deleted_at is not None or not held.address:
        raise GoneError
    check_address(held.address, held.mention)
    held.state, held.due_at, held.leased_until, held.last_error = Forward.State.WAITING, now(), None, ""
    held.attempts += 1  # it cannot be taken back any more
    held.save(update_fields=["state", "due_at", "leased_until", "last_error", "attempts"])
    audit("forward.tried_again", by=by, target=held)
    agenda.set_due(WORK)
    tell_inbox()


def check_address(address: str, mention: Mention) -> str:
    """The address as it is written to. CannotForwardError where nothing can or may go there."""
    if find_direct_sender() is None:
        raise CannotForwardError(_("There is no sender of emails yet. Set one up first; nothing was sent."))
    try:
        to = normalise_email(address)
    except BadAddressError as error:
        raise CannotForwardError(_("%(why)s Nothing was sent.") % {"why": error}) from error
    if _plain(to) in {_plain(one) for one in own_addresses()}:
        raise CannotForwardError(_("This is a mailbox of ours: it would come back here. Write a note for your team."))
    if mention.author.handle.strip().lower() == to:
        raise CannotForwardError(_("They wrote it themselves. Answer them instead."))
    if is_suppressed(to):
        raise CannotForwardError(_("This address stands on “Do not contact”. Choose another one; nothing was sent."))
    return to


def own_addresses() -> set[str]:
    """Where what we send comes back to us: our mailboxes, and what our senders write from."""
    given = [*Sender.objects.values_list("settings", flat=True)]
    given += Connection.objects.filter(network="mail").values_list("settings", flat=True)
    names = ("from_email", "reply_to", "address")
    found = (str(one.get(name) or "").strip().lower() for one in given if isinstance(one, dict) for name in names)
    return {one for one in found if one}


def _plain(address: str) -> str:
    """Without what stands behind a plus: it is the same mailbox."""
    name, _at, domain = address.rpartition("@")
    return f"{name.partition('+')[0]}@{domain}"
