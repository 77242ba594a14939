"""What networks bring becomes mentions in conversations: once each, cleaned, understood, followed when it changes.

One workspace hears one page at a time (an advisory lock), so that a hundred equal deliveries at once are one effect.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from conversations.authors.account_codes import take_codes
from conversations.authors.authoring import find_authors, handle_of
from conversations.authors.complaining import bring_along, note_complaints
from conversations.channels import Heard
from conversations.classifying import Reading, kind_of, read_texts
from conversations.conversation_state import refresh
from conversations.events import tell_came
from conversations.mentions.accepting import accept
from conversations.mentions.came_along import keep_files
from conversations.mentions.finds import give_way, wake_found
from conversations.mentions.following import LONGEST_TITLE, follow, retitle, save_followed, text_of, understand
from conversations.mentions.joining import canonical_uri, find_twins, part_twins
from conversations.mentions.threading import with_threads
from conversations.mentions.tombstones import buried, bury
from conversations.merges.threads import hold_hearing, standing_for
from conversations.models import Connection, Conversation, Mention, PublicAuthor
from conversations.recording_mentions import correct_facts, rewrite_facts, tell_ledger
from conversations.visibility import Visibility, visibility_of
from lib.clock import now
from lib.foreign.cleaning import to_line, to_link

Key = tuple[str, str]
Thread = tuple[str, Key]  # the network's own thread, and (network, handle) of the person


@dataclass(frozen=True, slots=True)
class Listened:
    """What a page did: mentions that are new, that changed, how many were known as they are.

    `poison` are items that could not be kept, each with its reason (setting_aside.hear_each).
    """

    new: list[Mention] = field(default_factory=list)
    changed: list[Mention] = field(default_factory=list)
    known_count: int = 0
    poison: list[tuple[Heard, str]] = field(default_factory=list)


@transaction.atomic
def hear(connection: Connection, items: Sequence[Heard], *, silent: bool = False) -> Listened:
    """Store a page of one source; afterwards each item stands once, edits and deletes are followed, scores know.

    All or nothing; `setting_aside.hear_each` keeps the good ones. May be repeated and run beside itself: (connection,
    remote id) is the key, an edit counts when it is newer than what we have, a delete is final, also before what it
    deletes. `silent` (what was there before we listened) makes nobody wait and alerts nobody. Authors known as contacts
    get a touchpoint, where their network vouches for them. Call inside working_in. BadItemError.
    """
    items = with_threads(connection, _newest_of_each([accept(item) for item in items]))
    if not items:
        return Listened()
    hold_hearing()
    found = {row.remote_id: row for row in _known(connection, items)}
    gone = buried(connection, [item.remote_id for item in items])
    bury(connection, [item.remote_id for item in items if item.is_deleted])
    known = [(found[item.remote_id], item) for item in items if item.remote_id in found]
    changed = _follow_all([(row, item) for row, item in known if follow(row, item)])
    woken = [] if silent else wake_found(known)
    fresh = [one for one in items if one.remote_id not in found and one.remote_id not in gone and not one.is_deleted]
    understood = _store(connection, fresh, silent=silent) if fresh else []
    new = [row for row, _reading in understood if row.twin_of_id is None]
    tell_ledger([row for row in new if row.touchpoint_id is None])
    take_codes([*new, *woken])
    tell_came([*new, *woken])
    _open_complaints([(row, read) for row, read in understood if row.twin_of_id is None and not row.author.claimed_by])
    awake = {one.conversation_id for one in (*new, *woken) if not one.is_silent}
    Conversation.objects.filter(pk__in=awake, snoozed_until__isnull=False).update(snoozed_until=None)
    refresh({one.conversation_id for one in (*new, *changed, *woken, *give_way([] if silent else new))})
    Connection.objects.filter(pk=connection.pk).update(polled_at=now(), failures=0, last_error="")
    return Listened(new, changed, len(items) - len(new) - len(changed))


def _newest_of_each(items: Sequence[Heard]) -> list[Heard]:
    """One item a key: a delete, else the newest edit; of what is final the first that came. Oldest first."""
    kept: dict[str, Heard] = {}
    for item in items:
        before = kept.get(item.remote_id)
        if before is None or (not before.is_final and _age(item) >= _age(before)):
            kept[item.remote_id] = item
    return sorted(kept.values(), key=lambda item: (item.published_at, item.remote_id))


def _age(item: Heard) -> tuple[bool, datetime]:
    return item.is_deleted, item.edited_at or item.published_at


def _known(connection: Connection, items: Sequence[Heard]) -> list[Mention]:
    rows = Mention.objects.filter(connection=connection, remote_id__in=[item.remote_id for item in items])
    return list(rows.select_related("author", "conversation"))


def _follow_all(pairs: Sequence[tuple[Mention, Heard]]) -> list[Mention]:
    """Keep what changed, everywhere a copy of it stands. Returns the mentions, with twins that took a place."""
    if not pairs:
        return []
    changed = [row for row, _item in pairs]
    save_followed(changed)
    correct_facts(changed)
    rewrite_facts(changed)
    heirs = part_twins([row for row in changed if row.deleted_at is not None])
    tell_ledger(heirs)
    retitle(changed, {row.pk: item.title for row, item in pairs if item.title})
    return [*changed, *heirs]


def _store(connection: Connection, items: Sequence[Heard], *, silent: bool) -> list[tuple[Mention, Reading]]:
    authors = find_authors(connection, items)
    texts = [text_of(item) for item in items]
    twins = find_twins(
        connection, items, [authors[handle_of(connection, item)] for item in items], texts, silent=silent
    )
    threads = _conversations(connection, [item for item in items if item.remote_id not in twins], authors)
    kinds = [kind_of(item.network or connection.network, item.rating) for item in items]
    said = [(text, item.language) for text, item in zip(texts, items, strict=True)]
    readings = read_texts(said, [item.rating for item in items], kinds)
    went = standing_for(threads.values())
    moment, rows = now(), []
    for item, text, reading in zip(items, texts, readings, strict=True):
        first = twins.get(item.remote_id)
        talk = first.conversation if first else threads[_thread(connection, item)]
        row = _mention(connection, item, talk, silent=silent, moment=moment)
        row.text, row.author, row.twin_of = text, authors[handle_of(connection, item)], first
        row.conversation = went.get(talk.pk, talk)
        row.heard_in_id = first.heard_in_id if first else talk.pk if talk.pk in went else None
        row.is_silent, row.file_count = row.is_silent or first is not None, 0 if first else len(item.files)
        rows.append(_understood(row, item, reading))
    stored = Mention.objects.bulk_create(rows, batch_size=500)
    keep_files((row, item.files) for row, item in zip(stored, items, strict=True) if row.file_count)
    return list(zip(stored, readings, strict=True))


def _mention(connection: Connection, item: Heard, talk: Conversation, *, silent: bool, moment: datetime) -> Mention:
    """What the item says of itself; whose it is, where it stands and how it is meant come from elsewhere."""
    return Mention(
        connection=connection,
        network=item.network or connection.network,
        remote_id=item.remote_id,
        url=to_link(item.url),
        uri=canonical_uri(item.url),
        quoted=item.quoted,
        visibility=_visibility(connection, item, talk),
        warning=to_line(item.warning, 300),
        wire=dict(item.wire),
        touchpoint_id=item.touchpoint_id,
        reach=item.followers,
        rating=item.rating,
        published_at=item.published_at,
        received_at=min(item.published_at, moment) if silent else moment,
        found_by=item.found_by,
        edited_at=item.edited_at if item.edited_at and item.edited_at > item.published_at else None,
        is_silent=silent or item.is_order or bool(item.found_by),
    )


def _understood(row: Mention, item: Heard, reading: Reading) -> Mention:
    """The row with what we understood of it; a word for a machine, such as STOP, says nothing of how they feel."""
    if not item.is_order:
        understand(row, reading)
    return row


def _is_public(connection: Connection, item: Heard) -> bool:
    """Whether everybody can read it: what it says itself, else what its connection says."""
    if item.visibility:
        return item.visibility in {Visibility.PUBLIC, Visibility.UNLISTED}
    return connection.is_public if item.is_public is None else item.is_public


def _visibility(connection: Connection, item: Heard, talk: Conversation) -> str:
    """Who can read it; a word to us alone in a conversation that began in public is no public one."""
    known = visibility_of(item.visibility, is_public=_is_public(connection, item))
    return known or (Visibility.DIRECT if talk.is_public else "")


def _thread(connection: Connection, item: Heard) -> Thread:
    """A conversation is one thread with one person; without a thread, everything between us and that person."""
    return item.thread, handle_of(connection, item)


def _conversations(
    connection: Connection, items: Sequence[Heard], authors: dict[Key, PublicAuthor]
) -> dict[Thread, Conversation]:
    wanted = {_thread(connection, item): item for item in reversed(items)}
    people = {author.pk: key for key, author in authors.items()}
    # a thread names few people, no thread names everybody: asked for both at once, each pair would be a look of its own
    named = Q(thread__in={thread for thread, _who in wanted if thread})
    rows = Conversation.objects.filter(named | Q(thread="", author__in=people), connection=connection)
    found = {(row.thread, people[row.author_id]): row for row in rows if row.author_id in people}
    missing = [
        Conversation(
            connection=connection,
            author=authors[who],
            thread=thread,
            title=to_line(item.title or item.warning or text_of(item), LONGEST_TITLE),
            is_public=_is_public(connection, item),
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
        if row.author.contact_id and not row.is_silent and reading.is_strong_complaint:
            since[row.author_id] = min(since.get(row.author_id, row.published_at), row.published_at)
    if since:
        note_complaints(since)
        bring_along(PublicAuthor.objects.filter(pk__in=since))
