"""Who asks has changed: open conversations of these people are weighed anew."""

from collections.abc import Sequence

from contacts.merging import relatives_of
from conversations.conversation_state import refresh
from conversations.models import Conversation

OPEN = (Conversation.State.WAITING, Conversation.State.SNOOZED)


def weigh_anew(contact_ids: Sequence[int]) -> None:
    """News: level, influence, roles or an open complaint of these people changed; what a merged contact wrote is theirs.

    May be repeated.
    """
    refresh(
        Conversation.objects.filter(author__contact__in=relatives_of(contact_ids), state__in=OPEN).values_list(
            "pk", flat=True
        )
    )


def on_contacts_linked(pairs: Sequence[tuple[int, int]]) -> None:
    """News: contacts became one person, or parted: whose roles and scores speak for a writer is another matter now."""
    weigh_anew([one for pair in pairs for one in pair])
