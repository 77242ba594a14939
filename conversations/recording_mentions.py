"""The ledger hears what contacts wrote and what we answered: one fact each, however often it is told."""

from collections.abc import Iterable, Sequence

from contacts.channels import Channel
from conversations.models import Conversation, Mention, PublicAuthor, Reply
from conversations.visibility import Visibility, visibility_of
from engagement.formula import reach_milli
from touchpoints.correcting import Change, Field, correct
from touchpoints.facts import Fact
from touchpoints.models import Source
from touchpoints.recording import record
from touchpoints.rewriting import LONGEST_TEXT, rewrite_texts
from touchpoints.sources import source_for

LIKED = "♥"  # what stands in the ledger where an answer has no words
CHANNELS = {
    "email": Channel.EMAIL,
    "mail": Channel.EMAIL,
    "sms": Channel.MOBILE,
    "whatsapp": Channel.WHATSAPP,
    "phone": Channel.CALL,
    "chat": Channel.CHAT,
    "community": Channel.COMMUNITY,
    "reviews": Channel.REVIEW,
    "review": Channel.REVIEW,
    "form": Channel.WEB,
    "own_page": Channel.WEB,
    "callback": Channel.CALL,
}


def inbox_source() -> Source:
    """The source of everything the inbox tells."""
    return source_for("inbox", "Inbox")


def channel_of(network: str, rating: int | None = None) -> Channel:
    """The channel a network belongs to."""
    return Channel.REVIEW if rating is not None else CHANNELS.get(network, Channel.SOCIAL)


def tell_ledger(mentions: Iterable[Mention]) -> None:
    """Record the mentions whose author is a contact, and keep each fact's id on its mention. May be repeated."""
    rows = [row for row in mentions if row.author.contact_id and row.deleted_at is None]
    if not rows:
        return
    recorded = record([_fact(row) for row in rows], source=inbox_source())
    for row, id_ in zip(rows, recorded.ids, strict=True):
        row.touchpoint_id = id_
    Mention.objects.bulk_update(rows, ["touchpoint_id"], batch_size=500)


def correct_facts(mentions: Sequence[Mention], *, by_id: int | None = None) -> None:
    """Their words changed, were deleted, or somebody judged them: facts stay, a later truth stands beside them.

    Scores, day counts and segments follow at once. May be repeated.
    """
    changes = []
    for row in mentions:
        if row.touchpoint_id:
            changes.append(Change(row.touchpoint_id, Field.SENTIMENT, row.sentiment_milli))
            if row.deleted_at is not None:
                changes.append(Change(row.touchpoint_id, Field.DELETED, 1))
    correct(changes, by_id=by_id)


def rewrite_facts(mentions: Sequence[Mention]) -> None:
    """Their words as they stand now take the place of those that the ledger holds; deleted ones leave it.

    The one thing of a fact that ever changes: what somebody took back is kept nowhere. May be repeated.
    """
    texts = {row.touchpoint_id: row.text[:LONGEST_TEXT] for row in mentions if row.touchpoint_id}
    rewrite_texts({id_: text or None for id_, text in texts.items()})


def tell_answers(author_ids: Sequence[int]) -> None:
    """Record the answers to these authors that were sent before they were contacts. May be repeated."""
    replies = Reply.objects.filter(mention__author__in=author_ids, state=Reply.State.SENT, touchpoint_id=None)
    for reply in replies.select_related("conversation", "mention__author"):
        tell_answer(reply)


def tell_answer(reply: Reply) -> None:
    """Record one sent answer, if its author is a contact. May be repeated."""
    conversation, mention = reply.conversation, reply.mention
    if not mention.author.contact_id:
        return
    fact = Fact(
        kind="liked" if reply.is_like else "answer",  # a like alone is no exchange: it counts in no score
        external_id=f"answer:{reply.key}{_since_parted(mention.author)}",
        occurred_at=reply.sent_at or reply.created_at,
        contact_id=mention.author.contact_id,
        channel=channel_of(mention.network, mention.rating),
        direction=1,
        actor_id=reply.by_id,
        payload={
            "text": LIKED if reply.is_like else reply.text[:LONGEST_TEXT],
            "public": is_open(reply.visibility, conversation),
            "network": mention.network,
        },
    )
    was_told = reply.touchpoint_id is not None
    reply.touchpoint_id = record([fact], source=inbox_source()).ids[0]
    Reply.objects.filter(pk=reply.pk).update(touchpoint_id=reply.touchpoint_id)
    if was_told:  # it had failed after it was sent, and counts again
        correct([Change(reply.touchpoint_id, Field.DELETED, 0)])


def discount_answer(reply: Reply) -> None:
    """It never reached them: its fact counts no more. May be repeated."""
    if reply.touchpoint_id is not None:
        correct([Change(reply.touchpoint_id, Field.DELETED, 1)])


def is_open(visibility: str, conversation: Conversation) -> bool:
    """Whether everybody could read what was said with this visibility."""
    known = visibility_of(visibility, is_public=conversation.is_public)
    return known in {Visibility.PUBLIC, Visibility.UNLISTED}


def _since_parted(author: PublicAuthor) -> str:
    """What an author said is another fact after they were taken for somebody else: the first one counts no more."""
    return f":{author.parted_count}" if author.parted_count else ""


def _fact(row: Mention) -> Fact:
    public = is_open(row.visibility, row.conversation)
    payload = {"text": row.text[:LONGEST_TEXT], "public": public, "network": row.network}
    if row.url:
        payload["url"] = row.url
    return Fact(
        kind=_kind(row, public=public),
        external_id=f"{row.connection_id}:{row.remote_id}{_since_parted(row.author)}",
        occurred_at=row.published_at,
        contact_id=row.author.contact_id,
        channel=channel_of(row.network, row.rating),
        direction=0,
        sentiment_milli=row.sentiment_milli,
        weight_milli=reach_milli(row.reach if public else None),
        payload=payload,
    )


def _kind(row: Mention, *, public: bool) -> str:
    if row.network == "callback":
        return "callback_request"
    if row.intent == Mention.Intent.COMPLAINT and row.sentiment == Mention.Sentiment.NEGATIVE:
        return "complaint"
    if row.rating is not None:
        return "review"
    return "mention" if public else "message"
