"""News of the inbox for machines: somebody wrote, an answer left or waits for approval, conversations changed."""

from collections.abc import Iterable

from conversations.models import (
    AnswerDraft,
    Case,
    Conversation,
    ConversationMerge,
    Forward,
    Mention,
    PublicAuthor,
    Reply,
)
from workspaces.events import NewEvent, record_events

CAME, ANSWERED, CLOSED = "mention.received", "mention.answered", "conversation.closed"
ASKED, RETURNED = "answer.asked", "answer.returned"
FORWARD_ASKED, FORWARD_RETURNED, FORWARD_APPROVED = "forward.asked", "forward.returned", "forward.approved"
MERGED, UNMERGED, SPLIT = "conversation.merged", "conversation.unmerged", "conversation.split"
PARTED, LINKED = "author.parted", "author.linked"
OPENED, SETTLED, ENDED = "case.opened", "case.promise_settled", "case.closed"
TOLD = 100


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


def tell_asked(draft: AnswerDraft) -> None:
    """A member's answer waits until somebody approves it. Its words are not told."""
    _tell_draft(ASKED, draft)


def tell_returned(draft: AnswerDraft) -> None:
    """An answer that was to be approved went back to its writer."""
    _tell_draft(RETURNED, draft)


def tell_forward(kind: str, row: Forward) -> None:
    """What a member wants to forward waits until somebody approves it, goes back to them, or leaves. Neither its words nor
    its address are told.
    """
    data = {"conversation_id": row.conversation_id, "mention_id": row.mention_id, "forward_id": row.pk, "by": row.by_id}
    record_events([NewEvent(kind, _who(row.conversation.author.contact_id), data)])


def tell_merged(merge: ConversationMerge, *, undone: bool = False) -> None:
    """Two conversations became one, or two again."""
    data = {"conversation_id": merge.survivor_id, "merge_id": merge.pk, "emptied_id": merge.lost_id}
    contact = merge.survivor.author.contact_id
    record_events([NewEvent(UNMERGED if undone else MERGED, _who(contact), data)])


def tell_split(conversation: Conversation, part: Conversation) -> None:
    """One conversation became two."""
    data = {"conversation_id": conversation.pk, "part_id": part.pk}
    record_events([NewEvent(SPLIT, _who(part.author.contact_id), data)])


def tell_parted(author: PublicAuthor, contact_id: int) -> None:
    """What this author wrote stands no longer with this contact."""
    _tell_author(PARTED, author, contact_id)


def tell_linked(author: PublicAuthor, contact_id: int) -> None:
    """Somebody said that this author is this contact. Why they think so is not told."""
    _tell_author(LINKED, author, contact_id)


def tell_cases(kind: str, cases: Iterable[Case]) -> None:
    """Something went wrong for somebody, a promise was kept or broken, or it is over. What happened is not told.

    One statement.
    """
    record_events(
        NewEvent(
            kind,
            _who(case.conversation.author.contact_id),
            {"conversation_id": case.conversation_id, "case_id": case.pk},
        )
        for case in cases
    )


def _tell_author(kind: str, author: PublicAuthor, contact_id: int) -> None:
    rows = Conversation.objects.filter(author=author).order_by("-last_at", "-pk").values_list("pk", flat=True)
    record_events([NewEvent(kind, [contact_id], {"conversation_ids": list(rows[:TOLD])})])


def _tell_draft(kind: str, draft: AnswerDraft) -> None:
    data = {"conversation_id": draft.conversation_id, "approval_id": draft.pk, "by": draft.user_id}
    record_events([NewEvent(kind, _who(draft.conversation.author.contact_id), data)])


def _who(contact_id: int | None) -> list[int]:
    return [contact_id] if contact_id else []
