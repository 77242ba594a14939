"""Edits and deletes are followed wherever a copy of the words went: the mention, the title, the ledger."""

from collections.abc import Iterable, Mapping, Sequence

from conversations.channels import Heard
from conversations.classifying import Reading, kind_of, read_texts
from conversations.models import Conversation, Mention
from lib.clock import now
from lib.foreign.cleaning import html_to_text, to_line, to_text
from lib.signing import keyed_hash

LONGEST_TITLE = 90
MOST_FORMER = 20


def text_of(item: Heard) -> str:
    """What a person would have read. The source says whether it is HTML."""
    return html_to_text(item.text) if item.is_html else to_text(item.text)


def understand(row: Mention, reading: Reading) -> None:
    """Write down on the mention what we understood of it."""
    felt = reading.sentiment
    row.language, row.intent, row.is_urgent = reading.language[:10], reading.intent, reading.is_urgent
    row.sentiment, row.engine, row.evidence = felt.label, felt.engine, list(felt.evidence)
    row.sentiment_milli = None if felt.label == "unc" or felt.score is None else round(felt.score * 1000)
    row.confidence_milli = round(felt.confidence * 1000)


def follow(row: Mention, item: Heard) -> bool:
    """Change a stored mention as its source did; False when there is nothing newer. Saves nothing.

    A delete is final, and so is what its source calls so. An edit counts when its time is newer, or, without a time, when
    the text differs and never stood here before: networks deliver old copies late.
    """
    if row.deleted_at is not None or item.is_final:
        return False
    if item.is_deleted:
        row.deleted_at, row.text, row.evidence, row.former, row.uri = now(), "", [], [], ""
        row.quoted, row.warning, row.wire = "", "", {}
        return True
    is_sight_changed = _follow_sight(row, item)
    text = text_of(item)
    if item.is_unseen or (text == row.text and item.rating in {row.rating, None}) or not _is_newer(row, item, text):
        return is_sight_changed
    row.former = [*row.former, _trace(row, row.text)][-MOST_FORMER:]
    row.edited_at, row.is_edit_noticed = item.edited_at or now(), item.edited_at is None
    row.text, row.evidence = text, []
    row.rating = row.rating if item.rating is None else item.rating
    if row.engine != "person":
        understand(row, read_texts([(text, item.language)], [row.rating], [kind_of(row.network, row.rating)])[0])
    return True


def _follow_sight(row: Mention, item: Heard) -> bool:
    """Whether it can be seen there by us as before, or not any more: the words stay, and the mention says so."""
    if item.is_unseen == bool(row.wire.get("unseen")):
        return False
    row.wire = {name: value for name, value in row.wire.items() if name != "unseen"}
    if item.is_unseen:
        row.wire["unseen"] = True
    return True


def _is_newer(row: Mention, item: Heard, text: str) -> bool:
    said_at = None if row.is_edit_noticed else row.edited_at
    if item.edited_at is not None:
        return item.edited_at > (said_at or row.published_at) or (row.is_edit_noticed and text != row.text)
    return said_at is None or _trace(row, text) not in row.former


def _trace(row: Mention, text: str) -> str:
    return keyed_hash("former text", f"{row.connection_id}\0{row.remote_id}\0{text}")


def save_followed(rows: Sequence[Mention]) -> None:
    """Keep what `follow` changed."""
    Mention.objects.bulk_update(
        rows,
        [
            "text", "edited_at", "is_edit_noticed", "deleted_at", "rating", "language", "sentiment", "sentiment_milli",
            "confidence_milli", "evidence", "engine", "intent", "is_urgent", "former", "uri", "quoted", "warning", "wire",
        ],
    )  # fmt: skip


def retitle(rows: Iterable[Mention], titles: Mapping[int, str]) -> None:
    """Name the conversations of these changed mentions anew, by the first thing that still stands in each.

    `titles` holds titles that sources gave to edited mentions, by the mention's id. Two queries.
    """
    ids = {
        pk for row in rows for pk in (row.conversation_id, row.heard_in_id) if pk
    }  # one that was merged holds no words
    standing = Mention.objects.filter(conversation__in=ids, deleted_at=None, twin_of=None)
    firsts = standing.order_by("conversation_id", "published_at", "pk").distinct("conversation_id")
    words = {one.conversation_id: titles.get(one.pk) or one.warning or one.text for one in firsts}
    conversations = list(Conversation.objects.filter(pk__in=ids))
    for one in conversations:
        one.title = to_line(words.get(one.pk, ""), LONGEST_TITLE)
    Conversation.objects.bulk_update(conversations, ["title"])
