"""Blocking: which pairs are worth a comparison. Two people who share something that few have, or almost a name."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from contacts.duplicates.columns import EMPTY, Codes, Column, Kind

MOST_IN_A_BLOCK = 40  # people who share a value; what more share says too little to compare all with all
NAME_BLOCK = 100
MOST_PAIRS = 12_000_000  # what a night compares; beyond, only what fewer share is a reason to


def candidate_pairs(columns: Mapping[str, Column], *, most_pairs: int = MOST_PAIRS) -> Codes:
    """Pairs of places of people, each once, the smaller place first: an array of shape (pairs, 2).

    At most `most_pairs`: where there would be more, values that many share are left out until there are not.
    """
    count = len(next(iter(columns.values())).codes) if columns else 0
    blocks = [(_Blocks(keys), most) for keys, most in block_keys(columns)]
    part = 1.0
    while part > 0.02 and sum(one.count_pairs(int(most * part)) for one, most in blocks) > most_pairs:
        part *= 0.7
    found = [np.empty(0, np.int64), *(one.pairs(int(most * part), count) for one, most in blocks)]
    together = np.unique(np.concatenate(found))
    return np.stack([together // max(count, 1), together % max(count, 1)], axis=1)


def block_keys(columns: Mapping[str, Column]) -> Iterator[tuple[Codes, int]]:
    """(a key of each person, how many may share it): each column by itself, and names cut short."""
    for column in columns.values():
        yield column.codes, MOST_IN_A_BLOCK
    given, family = columns.get("given_name"), columns.get("family_name")
    if given and family:
        yield _numbered(_sorted_names(given, family)), NAME_BLOCK
        yield _numbered(_cut(given, 1, family, 4)), NAME_BLOCK
        yield _numbered(_cut(given, 4, family, 1)), NAME_BLOCK
    if mail := columns.get("email"):
        yield _numbered(value.partition("@")[0] for value in _texts(mail)), MOST_IN_A_BLOCK
    for place in (one for one in columns.values() if one.kind in {Kind.PLACE, Kind.VALUE}):
        for name in (given, family):
            if name:
                yield _both(name, place), MOST_IN_A_BLOCK


def _texts(column: Column) -> Iterator[str]:
    return (column.values[code] for code in column.codes)


def _sorted_names(given: Column, family: Column) -> Iterator[str]:
    """Both names in one order, so that swapped ones meet; nothing where one is missing."""
    for first, last in zip(_texts(given), _texts(family), strict=True):
        yield " ".join(sorted((first, last))) if first and last else ""


def _cut(given: Column, of_given: int, family: Column, of_family: int) -> Iterator[str]:
    for first, last in zip(_texts(given), _texts(family), strict=True):
        yield f"{first[:of_given]} {last[:of_family]}" if first and last else ""


def _numbered(keys: Iterable[str]) -> Codes:
    places = {"": EMPTY}
    return np.fromiter((places.setdefault(key, len(places)) for key in keys), np.int64)


def _both(one: Column, other: Column) -> Codes:
    """A key of two values; none where one is unknown."""
    keys = one.codes * len(other.values) + other.codes
    keys[(one.codes == EMPTY) | (other.codes == EMPTY)] = EMPTY
    return keys


class _Blocks:
    """People in the order of a key: those with the same one stand together."""

    def __init__(self, keys: Codes) -> None:
        self.order = np.argsort(keys, kind="stable")
        ordered = keys[self.order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        sizes = np.diff(np.r_[starts, len(ordered)])
        of_use = (sizes > 1) & (ordered[starts] != EMPTY) if len(ordered) else np.zeros(len(starts), bool)
        self.starts, self.sizes = starts[of_use], sizes[of_use]

    def count_pairs(self, most: int) -> int:
        """How many pairs there are in blocks of `most` people or fewer."""
        sizes = self.sizes[self.sizes <= most]
        return int((sizes * (sizes - 1) // 2).sum())

    def pairs(self, most: int, count: int) -> Codes:
        """Each pair in such blocks, as smaller place · count + larger place."""
        small = self.sizes <= most
        starts, sizes = self.starts[small], self.sizes[small]
        largest, found = int(sizes.max(initial=1)), [np.empty(0, np.int64)]
        for step in range(1, largest):
            firsts = [starts[sizes > step + shift] + shift for shift in range(largest - step)]
            places = np.concatenate(firsts)
            left, right = self.order[places], self.order[places + step]
            found.append(np.minimum(left, right) * count + np.maximum(left, right))
        return np.concatenate(found)
