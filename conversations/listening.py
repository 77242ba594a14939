"""What networks bring becomes mentions in conversations: once each, cleaned, understood, followed when it changes.

One workspace hears one page at a time (an advisory lock), so that a hundred equal deliveries at once are one effect.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from django.db import connection as database
from django.db import transaction

from contacts.complaints import open_complaints
from conversations.authoring import find_authors, handle_of
from conversations.channels import Heard
from conversations.classifying import Reading, read_texts
from conversations.conversation_state import refresh
from conversations.models import Connection, Conversation, Mention, PublicAuthor
from conversations.recording_mentions import correct_facts, tell_ledger
from lib.cleaning import to_line, to_link, to_text
from lib.clock import now
from workspaces.current import current_workspace_id

Key = tuple[str, str]
Thread = tuple[str, Key]  # the network's own thread, and (network, handle) of the person
LONGEST_THREAD = 300


@dataclass(frozen=True, slots=True)
class Listened:
    """What a page did: mentions that are new, that changed, and how many were known as they are."""

    new: list[Mention] = field(default_factory=list)
    changed: list[Mention] = field(default_factory=list)
    known_count: int = 0


@transaction.atomic
def hear(connection: Connection, items: Sequence[Heard], *, silent: bool = False) -> Listened:
    """Store a page of one source; afterwards each item stands once, edits and deletes are followed, scores know.

    May be repeated and run beside itself: (network, remote id) is the key, an edit counts when its `edited_at` is
    newer than what we have, a delete is final. `silent` (what was there before we listened) makes nobody wait and
    alerts nobody. Authors known as contacts get a touchpoint. Call inside working_in.
    """
    items = _newest_of_each(connection, items)
    if not items:
        return Listened()
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('conversations.hear'), %s::int)", [current_workspace_id() % 2**31]
        )
    found = _known(connection, items)
    fresh = [item for item in items if _key(connection, item) not in found and not item.is_deleted]
    changed = [found[key] for item in items if (key := _key(connection, item)) in found and _follow(found[key], item)]
    _save_changes(changed)
    correct_facts(changed)
    understood = _store(connection, fresh, silent=silent) if fresh else []
    new = [row for row, _reading in understood]
    tell_ledger(new)
    _open_complaints(understood)
    awake = {one.conversation_id for one in new if not one.is_silent}
    Conversation.objects.filter(pk__in=awake, snoozed_until__isnull=False).update(snoozed_until=None)
    refresh({one.conversation_id for one in (*new, *changed)})
    Connection.objects.filter(pk=connection.pk).update(polled_at=now(), failures=0, last_error="")
    return Listened(new, changed, len(items) - len(new) - len(changed))


def _key(connection: Connection, item: Heard) -> Key:
    return (item.network or connection.network, item.remote_id)


def _newest_of_each(connection: Connection, items: Sequence[Heard]) -> list[Heard]:
    """One item a key: a delete, else the newest edit. Oldest first."""
    kept: dict[Key, Heard] = {}
    for item in items:
        key = _key(connection, item)
        if key not in kept or _age(item) >= _age(kept[key]):
            kept[key] = item
    return sorted(kept.values(), key=lambda item: (item.published_at, item.remote_id))


def _age(item: Heard) -> tuple[bool, datetime]:
    return item.is_deleted, item.edited_at or item.published_at


def _known(connection: Connection, items: Sequence[Heard]) -> dict[Key, Mention]:
    keys = {_key(connection, item) for item in items}
    rows = Mention.objects.filter(network__in={n for n, _id in keys}, remote_id__in={i for _n, i in keys})
    return {(row.network, row.remote_id): row for row in rows if (row.network, row.remote_id) in keys}


def _follow(row: Mention, item: Heard) -> bool:
    """Change a stored mention as its source did; False when there is nothing newer."""
    if row.deleted_at is not None:
        return False
    if item.is_deleted:
        row.deleted_at, row.text, row.evidence = now(), "", []
        return True
    text = to_text(item.text)
    if item.edited_at is None or item.edited_at <= (row.edited_at or row.published_at) or text == row.text:
        return False
    row.edited_at, row.text, row.rating = item.edited_at, text, item.rating
    if row.engine != "person":
        _understand(row, read_texts([(text, item.language)], [item.rating])[0])
    return True


def _save_changes(rows: Sequence[Mention]) -> None:
    Mention.objects.bulk_update(
        rows,
        [
            "text", "edited_at", "deleted_at", "rating", "language", "sentiment", "sentiment_milli",
            "confidence_milli", "evidence", "engine", "intent", "is_urgent",
        ],
    )  # fmt: skip


def _store(connection: Connection, items: Sequence[Heard], *, silent: bool) -> list[tuple[Mention, Reading]]:
    authors = find_authors(connection, items)
    threads = _conversations(connection, items, authors)
    texts = [to_text(item.text) for item in items]
    readings = read_texts(
        [(text, item.language) for text, item in zip(texts, items, strict=True)], [item.rating for item in items]
    )
    moment, rows = now(), []
    for item, text, reading in zip(items, texts, readings, strict=True):
        author = authors[handle_of(connection, item)]
        row = Mention(
            connection=connection,
            conversation=threads[_thread(connection, item)],
            author=author,
            network=item.network or connection.network,
            remote_id=item.remote_id,
            url=to_link(item.url),
            text=text,
            reach=item.followers,
            rating=item.rating,
            published_at=item.published_at,
            received_at=min(item.published_at, moment) if silent else moment,
            edited_at=item.edited_at if item.edited_at and item.edited_at > item.published_at else None,
            is_silent=silent,
        )
        _understand(row, reading)
        rows.append(row)
    return list(zip(Mention.objects.bulk_create(rows, batch_size=500), readings, strict=True))


def _understand(row: Mention, reading: Reading) -> None:
    felt = reading.sentiment
    row.language, row.intent, row.is_urgent = reading.language[:10], reading.intent, reading.is_urgent
    row.sentiment, row.engine, row.evidence = felt.label, felt.engine, list(felt.evidence)
    row.sentiment_milli = None if felt.label == "unc" or felt.score is None else round(felt.score * 1000)
    row.confidence_milli = round(felt.confidence * 1000)


def _thread(connection: Connection, item: Heard) -> Thread:
    """A conversation is one thread with one person; without a thread, everything between us and that person."""
    return item.thread if len(item.thread) <= LONGEST_THREAD else sha256(item.thread.encode()).hexdigest(), handle_of(
        connection, item
    )


def _conversations(
    connection: Connection, items: Sequence[Heard], authors: dict[Key, PublicAuthor]
) -> dict[Thread, Conversation]:
    wanted = {_thread(connection, item): item for item in reversed(items)}
    people = {author.pk: key for key, author in authors.items()}
    rows = Conversation.objects.filter(
        connection=connection, thread__in={thread for thread, _who in wanted}, author__in=people
    )
    found = {(row.thread, people[row.author_id]): row for row in rows}
    missing = [
        Conversation(
            connection=connection,
            author=authors[who],
            thread=thread,
            title=to_line(item.title or item.text, 90),
            is_public=connection.is_public if item.is_public is None else item.is_public,
            last_at=item.published_at,
            created_at=item.published_at,
        )
        for (thread, who), item in wanted.items()
        if (thread, who) not in found
    ]
    return found | {(row.thread, people[row.author_id]): row for row in Conversation.objects.bulk_create(missing)}


def _open_complaints(rows: Sequence[tuple[Mention, Reading]]) -> None:
    """A strong complaint of a contact opens one, from their first word of it: offers pause until it is resolved."""
    since: dict[int, datetime] = {}
    for row, reading in rows:
        who = row.author.contact_id
        if who and not row.is_silent and reading.is_strong_complaint:
            since[who] = min(since.get(who, row.published_at), row.published_at)
    open_complaints(since)
