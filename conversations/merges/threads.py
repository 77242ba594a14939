"""Where a conversation went that was merged, and whose thread a message belongs to on its network."""

from collections.abc import Iterable

from django.db import connection as database

from conversations.models import Conversation, ConversationMerge, Mention
from workspaces.current import current_workspace_id


def hold_hearing() -> None:
    """Nobody else stores messages in the open workspace, nor moves them, until this transaction ends."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('conversations.hear'), %s::int)", [current_workspace_id() % 2**31]
        )


def where_they_went(pks: Iterable[int]) -> dict[int, int]:
    """Conversation → the one it is in today, itself where it was never merged. One query a step of the longest chain."""
    wanted = set(pks)
    links: dict[int, int] = {}
    ask = wanted
    while ask:
        rows = ConversationMerge.objects.filter(lost__in=ask, undone_at=None)
        found = dict(rows.values_list("lost_id", "survivor_id"))
        links |= found
        ask = set(found.values()) - links.keys()
    return {one: _end(one, links) for one in wanted}


def where_it_went(row: Conversation) -> Conversation:
    """The conversation that this one is today; no query where it was never merged."""
    if row.state != Conversation.State.MERGED:
        return row
    rows = Conversation.objects.select_related("author__contact", "connection__team")
    return rows.get(pk=where_they_went([row.pk])[row.pk])


def standing_for(rows: Iterable[Conversation]) -> dict[int, Conversation]:
    """Of these, those that were merged: their number → the conversation that holds them. No query where none was."""
    merged = [row.pk for row in rows if row.state == Conversation.State.MERGED]
    went = where_they_went(merged) if merged else {}
    found = Conversation.objects.in_bulk(set(went.values())) if went else {}
    return {lost: found[pk] for lost, pk in went.items()}


def held_conversation(mention: Mention) -> Conversation:
    """The conversation that this message is in, locked; `mention` knows it from then on. It may have moved meanwhile."""
    held = Conversation.objects.select_for_update().get(pk=mention.conversation_id)
    here = Mention.objects.values_list("conversation_id", flat=True).get(pk=mention.pk)
    if here == held.pk:
        return held
    mention.conversation_id = here
    return held_conversation(mention)


def all_merged_into(pk: int) -> set[int]:
    """This conversation and all that are in it today. One query a step of the longest chain."""
    found, ask = {pk}, {pk}
    while ask:
        rows = ConversationMerge.objects.filter(survivor__in=ask, undone_at=None).values_list("lost_id", flat=True)
        ask = set(rows) - found
        found |= ask
    return found


def thread_on_network(mention: Mention) -> str:
    """The thread of this message as its network calls it, however often its conversation was merged or split."""
    pk: int | None = mention.heard_in_id or mention.conversation_id
    thread = ""
    while pk:
        thread, pk = Conversation.objects.values_list("thread", "split_from_id").get(pk=pk)
    return thread


def _end(pk: int, links: dict[int, int]) -> int:
    while pk in links:
        pk = links[pk]
    return pk
