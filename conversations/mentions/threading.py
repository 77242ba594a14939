"""Which thread something belongs to, where its network says only what it answers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from conversations.channels import Heard
from conversations.mentions.following import LONGEST_TITLE
from conversations.models import Connection, Conversation, Mention, Reply
from delivery.message_ids import is_sealed, read_message_id
from delivery.models import PersonalEmail
from lib.clock import now
from lib.foreign.cleaning import to_line
from workspaces.current import current_workspace_id

MOST_NAMES = 50
SAME_SUBJECT_FOR = timedelta(days=60)


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


def thread_of_email(connection: Connection, names: Sequence[str], *, handle: str, again: str = "") -> str:
    """The thread that an email goes on with, "" where we know none; its first name alone cannot say that where it was cut.

    `names`: the Message-IDs that it answers, the last one last: of what came to this mailbox, or of answers of ours, which
    their seal proves. `again`: its subject, where it says "Re:"; it counts for what this `handle` wrote in the last 60 days,
    when no name is known.
    """
    asked = list(dict.fromkeys(reversed(names)))[:MOST_NAMES]
    known = _threads(Mention.objects.filter(connection=connection, remote_id__in=asked), "heard_in_id") if asked else {}
    known |= _threads_of_answers(connection, asked)
    if found := next((known[name] for name in asked if name in known), ""):
        return found
    if not again:
        return ""
    alike = Conversation.objects.filter(
        connection=connection, author__handle=handle, title__iexact=to_line(again, LONGEST_TITLE)
    )
    lately = alike.filter(last_at__gte=now() - SAME_SUBJECT_FOR).exclude(thread="").order_by("-last_at", "-pk")
    return lately.values_list("thread", flat=True).first() or ""


def _threads_of_answers(connection: Connection, names: Sequence[str]) -> dict[str, str]:
    """Message-ID of an answer of ours → the thread of what it answered."""
    workspace_id = current_workspace_id()
    sent = {name: one.message_id for name in names if (one := read_message_id(name)) and is_sealed(one, workspace_id)}
    if not sent:
        return {}
    keys = dict(PersonalEmail.objects.filter(message__in=sent.values()).values_list("message_id", "key"))
    replies = Reply.objects.filter(key__in=keys.values(), mention__connection=connection)
    of_home = Conversation.objects.filter(pk=OuterRef("mention__heard_in_id")).values("thread")[:1]
    threads = dict(replies.values_list("key", Coalesce(Subquery(of_home), "conversation__thread")))
    found = ((name, threads.get(keys.get(message_id))) for name, message_id in sent.items())
    return {name: thread for name, thread in found if thread}
