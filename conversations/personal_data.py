"""What this room holds about a person: what they wrote and were answered."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Concat

from conversations.forwards.personal_data import forget_forwards, written_back
from conversations.mentions.came_along import bytes_of
from conversations.models import (
    AccountCode,
    AnswerDraft,
    Case,
    Conversation,
    ConversationTag,
    Mention,
    MentionFile,
    PublicAuthor,
    Reply,
    ReplyFile,
    TeamNote,
)
from conversations.models.connections import ERASED
from conversations.models.pictured import BYTES
from lib.personal import plain_rows

OURS = {
    "corrected_by_id",
    "touchpoint_id",
    "evidence",
    "engine",
    "conversation",
    "author",
    "connection",
    "twin_of",
    "file_count",
}


def gather_conversations(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Who they are on each network, what they wrote, and what we answered."""
    yield from plain_rows(PublicAuthor.objects.filter(contact__in=ids), leave_out={"claimed_by", "contact"})
    yield from plain_rows(Mention.objects.filter(author__contact__in=ids), leave_out=OURS)
    came = MentionFile.objects.filter(mention__author__contact__in=ids)
    for file in came.defer("thumbnail").order_by("pk").iterator(1):
        content = b64encode(bytes_of(file)).decode()
        yield {"file": file.name, "type": file.content_type, "size": file.size, "base64": content}
    replies = Reply.objects.filter(conversation__author__contact__in=ids)
    yield from plain_rows(replies, leave_out={"key", "by_id", "touchpoint_id", "leased_until", "attempts", "mention"})
    files = ReplyFile.objects.filter(reply__conversation__author__contact__in=ids)
    yield from plain_rows(files.defer(*BYTES), leave_out={*BYTES, "thumbnail_width", "thumbnail_height", "reply"})
    notes = TeamNote.objects.filter(Q(conversation__author__contact__in=ids) | Q(pk__in=written_back(ids)))
    yield from plain_rows(notes, leave_out={"author_id", "conversation"})
    tags = ConversationTag.objects.filter(conversation__author__contact__in=ids)
    yield from plain_rows(tags, leave_out={"conversation", "folded"})
    cases = Case.objects.filter(conversation__author__contact__in=ids)
    yield from plain_rows(cases, leave_out={"conversation", "promised_by_id", "opened_by_id"})


def erase_conversations(ids: Sequence[int]) -> int:
    """Their words, ours to them, titles, drafts and notes; that there was a conversation, how long it took, stays."""
    authors = PublicAuthor.objects.filter(contact__in=ids)
    talks = Conversation.objects.filter(author__contact__in=ids)
    AccountCode.objects.filter(contact__in=ids).delete()
    return blank(authors, talks, Mention.objects.filter(author__contact__in=ids))


def blank(authors: QuerySet[PublicAuthor], talks: QuerySet[Conversation], mentions: QuerySet[Mention]) -> int:
    """Take every word out of these; returns how many rows held some."""
    own = Concat(Value(ERASED), F("pk"), output_field=CharField())
    gone = mentions.update(
        text="",
        quoted="",
        former=[],
        evidence=[],
        url="",
        uri="",
        remote_id=own,
        language="",
        warning="",
        wire={},
        file_count=0,
        found_by="",  # words that were looked for may be a name
    )
    gone += MentionFile.objects.filter(mention__in=mentions).delete()[0]
    gone += Reply.objects.filter(conversation__in=talks).update(text="", last_error="", remote_id="", warning="")
    gone += ReplyFile.objects.filter(reply__conversation__in=talks).delete()[0]
    gone += TeamNote.objects.filter(conversation__in=talks).update(text="", writer="")
    gone += forget_forwards(talks)
    gone += AnswerDraft.objects.filter(conversation__in=talks).delete()[0]
    gone += ConversationTag.objects.filter(conversation__in=talks).delete()[0]
    gone += Case.objects.filter(conversation__in=talks).update(what="", promise="")
    talks.update(title="", thread=own, priority_why=[])
    return gone + authors.update(handle=own, name="", url="", followers=None)
