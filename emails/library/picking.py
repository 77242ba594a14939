"""What each reader of an email gets in its blocks that choose for them, asked for many at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

from emails.blocks.picks import PicksBlock
from emails.library.catalogue import Entry, catalogue, shown_as
from emails.library.choosing import Reader, choose
from emails.reading import BadBlocksError, read_blocks
from engagement.interests.reading import interests_of
from engagement.models.interests import Said
from lib.clock import now
from lib.sql import array_of, read_sql, run_prepared
from workspaces.current import current_workspace

# What another message has taken for somebody counts as had while it may still leave; then only if it did.
ON_ITS_WAY = timedelta(hours=1)
MOST_KEPT = 200
Shows = Mapping[int, Mapping[str, bool]]
Got = Callable[
    [Sequence[int], Sequence[int]], Mapping[int, Collection[int]]
]  # messages, people → who got which of them


@dataclass(frozen=True, slots=True)
class Had:
    """What is known of somebody before it is chosen: `chosen` is what the same message had for them, block by
    block; to the tags in `declined` they said no.
    """

    language: str
    items: frozenset[int]
    chosen: Sequence[tuple[str, int]]
    is_sent: bool
    declined: frozenset[int]


def picks_for(
    blocks: str,
    contact_ids: Sequence[int],
    *,
    message_id: int = 0,
    occasion: int = 0,
    shows: Shows | None = None,
    got: Got | None = None,
) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """Contact → {block: what they get in it, as a template reads it}. `blocks` is the JSON of a content.

    What was chosen for the same message and occasion stays: whole once it went out, before that without what is not
    offered any more. Of emails of ours that the library holds, `got` says who got which. Five statements at most and
    those of `got`, whatever the number; none without such a block. Nothing is kept here (remembering.py).
    """
    wanted = pick_blocks(blocks)
    nothing: dict[int, dict[str, list[dict[str, Any]]]] = {one: {} for one in contact_ids}
    if not wanted or not contact_ids:
        return nothing
    had = had_of(contact_ids, message_id, occasion)
    entries = catalogue(item for one in had.values() for _block, item in one.chosen)
    known = shown_as(entries)
    gone = {one.id for one in entries if not one.is_offered}
    chosen = _chosen_before(had, {one.id: one for one in entries}, gone)
    if fresh := [one for one in had if one not in chosen]:
        still = [one for one in entries if one.is_offered]
        had = with_emails(had, still, got, message_id)
        chosen |= choose(still, wanted, readers_of(fresh, had), at=now(), sees=shows)
    return nothing | {
        one: {block: [known[entry.id] for entry in picked] for block, picked in found.items()}
        for one, found in chosen.items()
    }


def newest_for(blocks: str) -> dict[str, list[dict[str, Any]]]:
    """What nobody in particular gets: the newest. Two statements, none without such a block."""
    wanted = pick_blocks(blocks)
    if not wanted:
        return {}
    entries = catalogue()
    known, found = shown_as(entries), choose(entries, wanted, {0: Reader(current_workspace().locale)}, at=now())
    return {block: [known[entry.id] for entry in picked] for block, picked in found[0].items()}


def readers_of(contact_ids: Sequence[int], had: Mapping[int, Had]) -> dict[int, Reader]:
    """Those for whom is chosen. One statement."""
    interests, language = interests_of(contact_ids), current_workspace().locale
    return {
        one: Reader(had[one].language or language, interests.get(one, {}), had[one].items, had[one].declined)
        for one in contact_ids
        if one in had
    }


def had_of(contact_ids: Sequence[int], message_id: int = 0, occasion: int = 0) -> dict[int, Had]:
    """What each of them had or opened, what the same message had for them, and what they declined. One statement."""
    params = {
        "workspace": current_workspace().pk,
        "contacts": array_of(contact_ids),
        "message": message_id,
        "occasion": occasion,
        "no": int(Said.NOT_WANTED),
        "since": (now() - ON_ITS_WAY).isoformat(),
    }
    return {
        one: Had(language or "", frozenset(items), list(zip(blocks, chosen, strict=True)), is_sent, frozenset(no))
        for one, language, items, chosen, blocks, is_sent, no in run_prepared(read_sql("emails/had"), params)
    }


def with_emails(
    had: Mapping[int, Had], entries: Sequence[Entry], got: Got | None, message_id: int = 0
) -> dict[int, Had]:
    """The same; emails of ours count as had by whoever got them, and the one that is being written by everybody."""
    ours = {one.message: one.id for one in entries if one.message is not None}
    if not ours or got is None:
        return dict(had)
    theirs, itself = got(list(ours), list(had)), {ours[message_id]} if message_id in ours else set[int]()
    return {
        who: replace(known, items=known.items | itself | {ours[one] for one in theirs.get(who, ())})
        for who, known in had.items()
    }


@lru_cache(maxsize=MOST_KEPT)
def pick_blocks(blocks: str) -> tuple[PicksBlock, ...]:
    """An email's blocks that choose, in their order; none when the blocks cannot be read."""
    if '"picks"' not in blocks:
        return ()
    try:
        return tuple(one for one in read_blocks(blocks) if isinstance(one, PicksBlock))
    except BadBlocksError:
        return ()


def _chosen_before(
    had: Mapping[int, Had], known: Mapping[int, Entry], gone: set[int]
) -> dict[int, dict[str, list[Entry]]]:
    """Of those for whom the message was made ready before: the same again."""
    found: dict[int, dict[str, list[Entry]]] = {}
    for who, one in had.items():
        for block, item in one.chosen:
            mine = found.setdefault(who, {})
            if item in known and (one.is_sent or item not in gone):
                mine.setdefault(block, []).append(known[item])
    return found
