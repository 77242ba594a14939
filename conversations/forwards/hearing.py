"""What comes back to a forward: a note in its conversation, never the customer's word and never sent to them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from conversations.conversation_state import refresh
from conversations.forwards.addresses import is_of, mailbox_of
from conversations.forwards.handing_over import KIND
from conversations.inbox.live import tell_inbox
from conversations.merges.threads import held_conversation
from conversations.models import Forward, ForwardAnswer, TeamNote
from conversations.telling_members import tell_unforwarded
from delivery.personal.direct_emails import key_in
from lib.foreign.cleaning import to_line
from lib.mail_providers import is_for_everybody
from workspaces.auditing import audit
from workspaces.current import current_workspace_id
from workspaces.languages import team_language
from workspaces.models import Membership

LONGEST = 4_000
MOST_NAMED = 50
CLOCKS_DIFFER = timedelta(minutes=5)


@transaction.atomic
def take_answer(
    references: Sequence[str], *, remote_id: str, address: str, name: str, text: str, is_automatic: bool = False
) -> bool:
    """Whether this email answers a forward of ours; then it stands in the forward's conversation as a note, once.

    `references` are the Message-IDs it names, in their brackets. Only who was written to answers it, a colleague of
    theirs at the same domain, or a member: whoever else names it is heard as themselves, and so is the author of what
    was forwarded. May be repeated. Call inside working_in.
    """
    row = _named(references)
    if row is None or not _is_expected(row, address):
        return False
    talk = held_conversation(row.mention)
    remote_id = to_line(remote_id, 300)
    if ForwardAnswer.objects.filter(remote_id=remote_id).exists():
        return True
    with team_language():
        said = _("Automatic answer: %(text)s") % {"text": text} if is_automatic else text
    writer = f"{name} <{address}>" if name else address
    note = TeamNote(conversation=talk, text=Truncator(said).chars(LONGEST), writer=writer[:300])
    note.save()
    ForwardAnswer.objects.create(forward=row, note=note, remote_id=remote_id, address=address)
    audit("forward.answered", by=None, target=row, note=note.pk)
    refresh([talk.pk])
    tell_inbox()
    return True


@transaction.atomic
def take_bounce(message_ids: Iterable[str], why: str, *, said_at: datetime | None) -> bool:
    """Whether one of these Message-IDs is a forward's; then it did not arrive, and whoever forwarded it is told.

    A report older than the last try says nothing of it. May be repeated. Call inside working_in.
    """
    row = _named(list(message_ids))
    if row is None:
        return False
    held = Forward.objects.select_for_update(of=("self",)).select_related("conversation").get(pk=row.pk)
    is_old = said_at is not None and held.sent_at is not None and said_at < held.sent_at - CLOCKS_DIFFER
    if is_old or held.state not in {Forward.State.SENT, Forward.State.UNCLEAR}:
        return True
    with team_language():
        said = to_line(why, 200) or _("the server of this address did not take it")
        held.state, held.last_error = Forward.State.FAILED, (_("It came back: %(why)s") % {"why": said})[:300]
    held.save(update_fields=["state", "last_error"])
    audit("forward.returned", by=None, target=held)
    tell_unforwarded(held)
    tell_inbox()
    return True


def is_forward(message_id: str) -> bool:
    """Whether this is the Message-ID of a forward of this workspace: it went round and came back to us."""
    return _named([message_id]) is not None


def _is_expected(row: Forward, address: str) -> bool:
    if is_of(address, [row.conversation.author, row.mention.author]):
        return False
    if mailbox_of(address) == mailbox_of(row.address):
        return True
    domain = address.rpartition("@")[2]
    if domain == row.address.rpartition("@")[2] and not is_for_everybody(domain):
        return True
    return Membership.objects.filter(workspace=current_workspace_id(), user__email__iexact=address).exists()


def _named(references: Sequence[str]) -> Forward | None:
    """The newest forward that these name; one whose words were erased is nobody's any more."""
    keys = {key for one in references[-MOST_NAMED:] if (key := key_in(KIND, one))}
    if not keys:
        return None
    rows = Forward.objects.filter(key__in=keys).exclude(address="")
    return rows.select_related("conversation__author", "mention__author").order_by("-pk").first()
