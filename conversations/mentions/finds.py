"""What listeners found and nobody wrote to us: it waits for nothing, until the same post turns out to speak to us."""

from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef

from conversations.channels import Heard
from conversations.mentions.joining import is_only_found
from conversations.models import Case, Conversation, Forward, Mention, Reply, TeamNote
from lib.clock import now
from touchpoints.correcting import Change, Field, correct


def wake_found(known: Iterable[tuple[Mention, Heard]]) -> list[Mention]:
    """Finds that now came as something written to us: from now on they wait for an answer. Returns them. One statement."""
    woken = [
        row
        for row, item in known
        if row.found_by and row.is_silent and row.twin_of_id is None and _speaks_to_us(row, item)
    ]
    for row in woken:
        row.is_silent, row.received_at = False, now()
    if woken:
        Mention.objects.bulk_update(woken, ["is_silent", "received_at"])
    return woken


def give_way(new: Sequence[Mention]) -> list[Mention]:
    """Another connection's listener had found these posts already: its finds become their twins, in one conversation.

    A conversation in which nothing is left goes. Returns the finds that moved. One query where there are none.
    """
    asking = {(row.uri, row.author_id, row.text): row for row in new if row.uri and not row.is_silent}
    if not asking:
        return []
    rows = Mention.objects.filter(uri__in={uri for uri, _who, _text in asking}, twin_of=None, deleted_at=None)
    rows = rows.exclude(pk__in=[row.pk for row in new]).exclude(found_by="")
    finds = [row for row in rows if is_only_found(row) and (row.uri, row.author_id, row.text) in asking]
    left = {row.conversation_id for row in finds}
    for row in finds:
        first = asking[row.uri, row.author_id, row.text]
        row.twin_of, row.conversation_id = first, first.conversation_id
        Forward.objects.filter(mention=row).update(conversation=first.conversation_id)
        Mention.objects.filter(twin_of=row.pk).update(twin_of=first, conversation=first.conversation_id)
    Mention.objects.bulk_update(finds, ["twin_of", "conversation"])
    correct(
        [Change(row.touchpoint_id, Field.DELETED, 1) for row in finds if row.touchpoint_id]
    )  # told once, by the first
    _clear(left)
    return finds


def _speaks_to_us(row: Mention, item: Heard) -> bool:
    return not item.found_by and not item.is_deleted and not item.is_unseen and row.deleted_at is None


def _clear(conversations: Iterable[int]) -> None:
    """Conversations without a message, an answer, a note or a case are none."""
    kinds = (Mention, Reply, TeamNote, Case)
    held = [Exists(kind.objects.filter(conversation=OuterRef("pk"))) for kind in kinds]
    rows = Conversation.objects.filter(pk__in=set(conversations))
    for one in held:
        rows = rows.exclude(one)
    rows.delete()
