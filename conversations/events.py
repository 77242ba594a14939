"""News of the inbox for machines: somebody wrote, an answer left, a conversation was closed."""

from collections.abc import Iterable

from conversations.models import Conversation, Mention, Reply
from workspaces.events import NewEvent, record_events

CAME, ANSWERED, CLOSED = "mention.received", "mention.answered", "conversation.closed"


def tell_came(mentions: Iterable[Mention]) -> None:
    """Somebody wrote; what was there before we listened is no news. One statement."""
    record_events(
        NewEvent(CAME, _who(row.author.contact_id), {"conversation_id": row.conversation_id, "mention_id": row.pk})
        for row in mentions
        if not row.is_silent
    )


def tell_answered(reply: Reply) -> None:
    """An answer has left."""
    data = {"conversation_id": reply.conversation_id, "mention_id": reply.mention_id, "reply_id": reply.pk}
    record_events([NewEvent(ANSWERED, _who(reply.mention.author.contact_id), data)])


def tell_closed(conversation: Conversation) -> None:
    """Somebody closed it."""
    record_events([NewEvent(CLOSED, _who(conversation.author.contact_id), {"conversation_id": conversation.pk})])


def _who(contact_id: int | None) -> list[int]:
    return [contact_id] if contact_id else []
