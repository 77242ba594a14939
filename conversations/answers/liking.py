"""A like instead of words: what praises us needs no more."""

from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from conversations import channels
from conversations.answers.replying import WORK, GoneError, ask_gate, mark_answered, take_in_hand, try_again
from conversations.conversation_state import refresh
from conversations.merges.threads import held_conversation
from conversations.models import Conversation, Mention, Reply
from lib.clock import now
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.models import User


class CannotLikeError(Exception):
    """This network has no likes; the text says so."""


@transaction.atomic
def like(mention: Mention, *, by: User | None) -> Reply:
    """Put a like on its way and return its row; what it likes counts as answered at once.

    Liked there once, however often this is called: the row's key is the mention's. One that failed is sent once more.
    GoneError for what was deleted, CannotLikeError, NotAllowedError when the gate refuses. Locks the conversation.
    """
    conversation = held_conversation(mention)
    key = uuid5(NAMESPACE_URL, f"like {mention.workspace_id} {mention.pk}")
    held = Reply.objects.filter(key=key).first()
    if held is not None and held.state != Reply.State.FAILED:
        return held
    if Mention.objects.filter(pk=mention.pk).exclude(deleted_at=None).exists():
        raise GoneError
    if not channels.channel_of(mention.connection).capabilities().likes:
        raise CannotLikeError(_("This network has no likes."))
    if held is not None:
        try_again(held, by=by)
        held.refresh_from_db()
        return held
    ask_gate(mention)
    row = Reply(conversation=conversation, mention=mention, key=key, kind=Reply.Kind.LIKE, due_at=now())
    row.by_id, row.visibility, row.target_at = by.pk if by else None, mention.visibility, conversation.due_at
    row.save()
    agenda.set_due(WORK)
    mark_answered(conversation, mention, row.created_at)
    take_in_hand(conversation, by, row.created_at, keep_open=False)
    audit("mention.liked", by=by, target=mention, reply=row.pk)
    refresh([conversation.pk])
    return row


def liked_in(conversation: Conversation) -> set[int]:
    """The mentions of a conversation that we like, by number."""
    likes = Reply.objects.filter(conversation=conversation, kind=Reply.Kind.LIKE).exclude(state=Reply.State.FAILED)
    return set(likes.values_list("mention_id", flat=True))
