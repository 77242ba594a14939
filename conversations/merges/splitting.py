"""Part of a conversation becomes a conversation of its own; merging them undoes it."""

from uuid import uuid4

from django.db import transaction
from django.db.models import Q

from conversations.events import tell_split
from conversations.mentions.following import LONGEST_TITLE
from conversations.merges.state import settle_parts
from conversations.merges.threads import hold_hearing
from conversations.models import Conversation, Forward, Mention, Reply
from lib.clock import now
from lib.foreign.cleaning import to_line
from workspaces.auditing import audit
from workspaces.models import User


class CannotSplitError(ValueError):
    """Nothing of theirs would stay behind."""


@transaction.atomic
def split_conversation(mention: Mention, *, by: User | None, only: bool = False) -> Conversation:
    """This message and those after it, or it alone, are a conversation of their own with the answers to them.

    Only messages of the same writer that came by the same connection in the same thread go along. What comes later goes
    where its network puts it: answers to what was split off follow it, other words of the thread stay behind. As many
    people read either as before. CannotSplitError changes nothing. Waits for messages that are being stored; locks the
    conversation.
    """
    hold_hearing()
    mention = Mention.objects.select_related("author", "connection").get(pk=mention.pk)
    talk = Conversation.objects.select_for_update().get(pk=mention.conversation_id)
    moving = _moving(mention, only=only)
    if not Mention.objects.filter(conversation=talk, twin_of=None).exclude(pk__in=moving).exists():
        raise CannotSplitError
    part = Conversation.objects.create(
        author=mention.author,
        connection=mention.connection,
        thread=f"split:{uuid4().hex}",
        split_from_id=mention.heard_in_id or talk.pk,
        title=to_line(mention.warning or mention.text, LONGEST_TITLE),
        state=talk.state,
        assignee_id=talk.assignee_id,
        assigned_at=talk.assigned_at,
        is_public=talk.is_public,
        snoozed_until=talk.snoozed_until,
        closed_at=talk.closed_at,
        last_at=mention.published_at,
        created_at=mention.published_at,
    )
    gone = Q(pk__in=moving) | Q(twin_of__in=moving)
    Mention.objects.filter(gone, conversation=talk).update(conversation=part, heard_in_id=None)
    Reply.objects.filter(conversation=talk, mention__in=moving).update(conversation=part)
    Forward.objects.filter(conversation=talk, mention__in=moving).update(conversation=part)
    settle_parts([talk.pk, part.pk], now(), waited=talk.waiting_since is not None)
    audit("conversation.split", by=by, target=talk, part=part.pk)
    tell_split(talk, part)
    part.refresh_from_db()
    return part


def _moving(mention: Mention, *, only: bool) -> list[int]:
    if only:
        return [mention.pk]
    rows = Mention.objects.filter(
        conversation=mention.conversation_id,
        author=mention.author_id,
        connection=mention.connection_id,
        heard_in_id=mention.heard_in_id,
        twin_of=None,
    )
    later = Q(published_at__gt=mention.published_at) | Q(published_at=mention.published_at, pk__gte=mention.pk)
    return list(rows.filter(later).values_list("pk", flat=True))
