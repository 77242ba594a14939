"""Blocking: which pairs are worth a comparison. Two people who share something that few have, or almost a name."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from contacts.duplicates.columns import EMPTY, Codes, Column, Kind

MOST_IN_A_BLOCK = 40  # people who share a value; what more share says too little to compare all with all
NAME_BLOCK = 100


def candidate_pairs(columns: Mapping[str, Column]) -> Codes:
    """Pairs of places of people, each once, the smaller place first: an array of shape (pairs, 2)."""
    count = len(next(iter(columns.values())).codes) if columns else 0
    found = [np.empty(0, np.int64)]
    for keys, most in block_keys(columns):
        found.append(_pairs_within(keys, most, count))
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


def _pairs_within(keys: Codes, most: int, count: int) -> Codes:
    """Each pair of people with one key, as smaller place · count + larger place."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.diff(np.r_[starts, len(ordered)])
    of_use = (sizes > 1) & (sizes <= most) & (ordered[starts] != EMPTY)
    starts, sizes = starts[of_use], sizes[of_use]
    found = []
    for step in range(1, int(sizes.max(initial=1))):
        firsts = [starts[sizes > step + shift] + shift for shift in range(int(sizes.max(initial=1)) - step)]
        places = np.concatenate(firsts) if firsts else np.empty(0, np.int64)
        left, right = order[places], order[places + step]
        found.append(np.minimum(left, right) * count + np.maximum(left, right))
    return np.concatenate(found) if found else np.empty(0, np.int64)
