"""Who asks has changed: open conversations of these people are weighed anew."""

from collections.abc import Sequence

from conversations.conversation_state import refresh
from conversations.models import Conversation

OPEN = (Conversation.State.WAITING, Conversation.State.SNOOZED)


def weigh_anew(contact_ids: Sequence[int]) -> None:
    """News: level, influence, roles or an open complaint of these people changed. May be repeated."""
    refresh(
        Conversation.objects.filter(author__contact__in=list(contact_ids), state__in=OPEN).values_list("pk", flat=True)
    )
