"""Which things of the library fit whom: by interest, fresh before old, the newest where nothing is known of somebody.

    fit(person, thing) = Σ interest(person, tag) · rarity(tag) · 2^(−age / HALF_LIFE_DAYS)      over the thing's tags
    rarity(tag) = ln(1 + things / things with the tag)

Things in the reader's language come before others, then by fit, then the newest. Nobody gets what they had or opened,
what is about a tag to which they said no, nor a thing twice in one email. The same input gives the same choice.
Figures: bench/picks.py.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from emails.blocks.picks import PicksBlock
from emails.library.catalogue import Entry

HALF_LIFE_DAYS = 90.0
FINEST = 1e6  # fits that differ by less than a millionth are the same
FOREIGN = np.int64(2) ** 60  # what another language costs
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody for whom is chosen: their language, interest by tag, the things they had or opened, tags to which they said no."""

    language: str = ""
    interests: Mapping[int, float] = field(default_factory=dict)
    had: Collection[int] = frozenset()
    declined: Collection[int] = frozenset()


def choose(
    entries: Sequence[Entry],
    blocks: Sequence[PicksBlock],
    readers: Mapping[int, Reader],
    *,
    at: datetime,
    sees: Mapping[int, Mapping[str, bool]] | None = None,
) -> dict[int, dict[str, list[Entry]]]:
    """Reader → {block: what they get in it, best first}. A block without anything is not there.

    `entries` come newest first. Where `sees` is given, a block with a condition chooses for those it names alone.
    """
    people, chosen = list(readers), dict[int, dict[str, list[Entry]]]()
    if not people or not entries:
        return {one: {} for one in people}
    keys = _keys(entries, list(readers.values()), at)
    for row, unwanted in enumerate(_unwanted(entries, list(readers.values()))):
        keys[row, unwanted] = -FOREIGN
    for block in blocks:
        rows = [row for row, one in enumerate(people) if _is_seen(block, (sees or {}).get(one) if sees else None)]
        for row, best in _best(keys, rows, _columns(entries, block), block.count):
            chosen.setdefault(people[row], {})[block.id] = [entries[column] for column in best]
            keys[row, best] = -FOREIGN
    return {one: chosen.get(one, {}) for one in people}


def fit_of(entry: Entry, reader: Reader, entries: Sequence[Entry], at: datetime) -> dict[int, float]:
    """Tag → its part in how well a thing fits somebody, of the tags that have one."""
    rarity = _rarity(entries)
    fresh = 0.5 ** (_age(entry, at) / HALF_LIFE_DAYS)
    parts = {tag: reader.interests.get(tag, 0.0) * rarity.get(tag, 0.0) * fresh for tag in entry.tags}
    return {tag: part for tag, part in parts.items() if part * FINEST >= 1}


def speaks(entry: Entry, language: str) -> bool:
    """Whether it is in this language, or for everybody."""
    return not entry.language or not language or _tongue(entry.language) == _tongue(language)


def _keys(entries: Sequence[Entry], readers: Sequence[Reader], at: datetime) -> NDArray[np.int64]:
    """How well each thing fits each reader, as whole numbers that are all different; the newest wins among equals."""
    fresh = np.array([0.5 ** (_age(one, at) / HALF_LIFE_DAYS) for one in entries])
    fits = _interests(entries, readers) * fresh
    count = len(entries)
    keys: NDArray[np.int64] = np.rint(np.minimum(fits, 1e5) * FINEST).astype(np.int64) * count + np.arange(
        count, 0, -1, dtype=np.int64
    )
    languages = {one.language for one in readers}
    foreign = {one: np.array([not speaks(entry, one) for entry in entries]) for one in languages}
    for row, reader in enumerate(readers):
        keys[row, foreign[reader.language]] -= FOREIGN // 4
    return keys


def _interests(entries: Sequence[Entry], readers: Sequence[Reader]) -> Matrix:
    """Readers × things: the sums over tags."""
    rarity = _rarity(entries)
    numbers = {tag: place for place, tag in enumerate(rarity)}
    wanted = np.zeros((len(readers), len(numbers)))
    for row, reader in enumerate(readers):
        for tag, strength in reader.interests.items():
            if tag in numbers:
                wanted[row, numbers[tag]] = max(0.0, strength) * rarity[tag]
    has = np.zeros((len(numbers), len(entries)))
    for column, one in enumerate(entries):
        has[[numbers[tag] for tag in set(one.tags)], column] = 1.0
    fits: Matrix = wanted @ has
    return fits


def _rarity(entries: Sequence[Entry]) -> dict[int, float]:
    counts: dict[int, int] = {}
    for one in entries:
        for tag in set(one.tags):
            counts[tag] = counts.get(tag, 0) + 1
    return {tag: float(np.log(1 + len(entries) / count)) for tag, count in counts.items()}


def _best(
    keys: NDArray[np.int64], rows: Sequence[int], columns: Sequence[int], count: int
) -> list[tuple[int, list[int]]]:
    """(row, its best columns, the best first) of the rows that have any left."""
    if not rows or not columns:
        return []
    part = keys[np.ix_(rows, columns)]
    most = min(count, len(columns))
    top = np.argpartition(-part, most - 1, axis=1)[:, :most]
    order = np.take_along_axis(top, np.argsort(-np.take_along_axis(part, top, axis=1), axis=1), axis=1)
    found = []
    for place, row in enumerate(rows):
        best = [columns[at] for at in order[place] if part[place, at] > -FOREIGN // 2]
        if best:
            found.append((row, best))
    return found


def _unwanted(entries: Sequence[Entry], readers: Sequence[Reader]) -> list[list[int]]:
    """Of each: what they had, and what is about something that they declined."""
    places = {one.id: place for place, one in enumerate(entries)}
    about: dict[int, list[int]] = {}
    if any(one.declined for one in readers):
        for place, entry in enumerate(entries):
            for tag in entry.about:
                about.setdefault(tag, []).append(place)
    return [
        [places[item] for item in one.had if item in places] + [at for tag in one.declined for at in about.get(tag, ())]
        for one in readers
    ]


def _columns(entries: Sequence[Entry], block: PicksBlock) -> list[int]:
    """Which things a block may show."""
    return [
        place
        for place, one in enumerate(entries)
        if (not block.kinds or one.kind in block.kinds) and (not block.about or set(block.about) & one.about)
    ]


def _is_seen(block: PicksBlock, shows: Mapping[str, bool] | None) -> bool:
    return block.when is None or shows is None or bool(shows.get(block.id))


def _age(one: Entry, at: datetime) -> float:
    """In days; what is yet to be published is new."""
    return max(0.0, (at - one.published_at).total_seconds() / 86_400)


def _tongue(language: str) -> str:
    return language.partition("-")[0].partition("_")[0].casefold()
