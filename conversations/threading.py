"""Which thread something belongs to, where its network says only what it answers."""

from collections.abc import Sequence
from dataclasses import replace

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from conversations.channels import Heard
from conversations.models import Connection, Conversation, Mention, Reply


def with_threads(connection: Connection, items: Sequence[Heard]) -> list[Heard]:
    """Each item in the thread of what it answers, where we know that: a mention, an answer of ours, one of these items.

    Oldest first. Two queries, none where no item names a parent.
    """
    parents = {item.parent_id for item in items if item.parent_id}
    if not parents:
        return list(items)
    known = _threads(Mention.objects.filter(connection=connection, remote_id__in=parents), "heard_in_id")
    ours = Reply.objects.filter(mention__connection=connection, remote_id__in=parents)
    known |= _threads(ours, "mention__heard_in_id")
    placed = []
    for item in items:
        thread = known.get(item.parent_id, item.thread) if item.parent_id else item.thread
        known.setdefault(item.remote_id, thread)
        placed.append(replace(item, thread=thread))
    return placed


def _threads(rows: QuerySet[Mention] | QuerySet[Reply], heard_in: str) -> dict[str, str]:
    """Remote id → its thread: that of the conversation it was heard in, also where this was merged into another."""
    of_home = Conversation.objects.filter(pk=OuterRef(heard_in)).values("thread")[:1]
    thread = Coalesce(Subquery(of_home), "conversation__thread")
    return dict(rows.annotate(own_thread=thread).values_list("remote_id", "own_thread"))
