"""What comes back to a forward: a note in its conversation, never the customer's word and never sent to them."""

from collections.abc import Sequence

from django.db import transaction

from conversations.conversation_state import refresh
from conversations.handing_forwards import KIND
from conversations.live import tell_inbox
from conversations.models import Conversation, Forward, ForwardAnswer, TeamNote
from delivery.direct_emails import key_in
from workspaces.auditing import audit

LONGEST = 4_000
MOST_NAMED = 50


@transaction.atomic
def take_answer(references: Sequence[str], *, remote_id: str, address: str, name: str, text: str) -> bool:
    """Whether this email answers a forward of ours; then it stands in the forward's conversation as a note, once.

    `references` are the Message-IDs it names, in their brackets. What the author of the conversation writes is their own
    word, whatever it names. May be repeated. Call inside working_in.
    """
    row = _named(references)
    if row is None or row.conversation.author.handle.strip().lower() == address:
        return False
    Conversation.objects.select_for_update().get(pk=row.conversation_id)
    if ForwardAnswer.objects.filter(remote_id=remote_id).exists():
        return True
    writer = f"{name} <{address}>" if name else address
    note = TeamNote.objects.create(conversation_id=row.conversation_id, text=text[:LONGEST], writer=writer[:300])
    ForwardAnswer.objects.create(forward=row, note=note, remote_id=remote_id, address=address)
    audit("forward.answered", by=None, target=row, note=note.pk)
    refresh([row.conversation_id])
    tell_inbox()
    return True


def _named(references: Sequence[str]) -> Forward | None:
    """The newest forward that these name; one whose words were erased is nobody's any more."""
    keys = {key for one in references[-MOST_NAMED:] if (key := key_in(KIND, one))}
    if not keys:
        return None
    rows = Forward.objects.filter(key__in=keys).exclude(address="")
    return rows.select_related("conversation__author").order_by("-pk").first()
