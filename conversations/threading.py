"""Which thread something belongs to, where its network says only what it answers."""

from collections.abc import Sequence
from dataclasses import replace

from conversations.channels import Heard
from conversations.models import Connection, Mention, Reply


def with_threads(connection: Connection, items: Sequence[Heard]) -> list[Heard]:
    """Each item in the thread of what it answers, where we know that: a mention, an answer of ours, one of these items.

    Oldest first. Two queries, none where no item names a parent.
    """
    parents = {item.parent_id for item in items if item.parent_id}
    if not parents:
        return list(items)
    known = dict(
        Mention.objects.filter(connection=connection, remote_id__in=parents).values_list(
            "remote_id", "conversation__thread"
        )
    )
    ours = Reply.objects.filter(mention__connection=connection, remote_id__in=parents)
    known |= dict(ours.values_list("remote_id", "conversation__thread"))
    placed = []
    for item in items:
        thread = known.get(item.parent_id, item.thread) if item.parent_id else item.thread
        known.setdefault(item.remote_id, thread)
        placed.append(replace(item, thread=thread))
    return placed
