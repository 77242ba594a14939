"""Weighing: how much speaks for two contacts being one person, field by field, after Fellegi and Sunter (1969).

A field on which two agree weighs the logarithm of how much likelier that is for one person than for two: a rare value
weighs more than a common one. A field on which they differ weighs against it, a value that almost agrees lies between.
Nothing is concluded from what is not known. Fields that a household shares weigh together no more than one of them.

    I. P. Fellegi, A. B. Sunter: A Theory for Record Linkage. JASA 64 (1969), 1183-1210.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.fuzz import token_sort_ratio
from rapidfuzz.process import cpdist

from contacts.duplicates.columns import EMPTY, Codes, Column, Kind

type Numbers = NDArray[np.float64]

AGREE = 0.9  # of two records of one person, how often a field that both have is the same
SMALLEST = 2_000  # a list of fewer people says no more than this about how rare a value is
RAREST = {Kind.GIVEN: 8e-3, Kind.FAMILY: 2e-3}  # a short list does not know how many Annas there are
AGAINST = {
    Kind.GIVEN: -3.0,
    Kind.FAMILY: -2.0,
    Kind.MAIL: -0.5,
    Kind.PHONE: -0.5,
    Kind.PLACE: -0.7,
    Kind.VALUE: -2.5,
}
INITIAL = 0.78  # how alike "G." and "Greta" are
LIKE = 0.7  # what is less alike is different
HOUSEHOLD = 5.0  # what all places together may weigh
CALM = 0.45  # fields are not as independent as the theory wants


@dataclass(frozen=True)
class Weighed:
    """Scores from 0 to 1 of pairs, the sums of weights behind them, and per column its part and how alike it is."""

    scores: Numbers
    totals: Numbers
    parts: Mapping[str, Numbers]
    likeness: Mapping[str, Numbers]


def weigh(pairs: Codes, columns: Mapping[str, Column]) -> Weighed:
    """How likely each pair (places of two people, shape (pairs, 2)) is one person."""
    count = len(next(iter(columns.values())).codes)
    parts, likeness = {}, {}
    for name, column in columns.items():
        likeness[name] = _likeness(column, pairs)
        parts[name] = _part(column, pairs, likeness[name], count)
    _let_names_be_swapped(columns, pairs, parts, likeness)
    _share_a_household(columns, parts)
    total = -np.log(max(count, SMALLEST)) + sum(parts.values(), np.zeros(len(pairs)))
    return Weighed(1 / (1 + np.exp(-CALM * total)), total, parts, likeness)


def _likeness(column: Column, pairs: Codes) -> Numbers:
    """1 for the same value, 0 for another, between for almost the same; NaN where one is unknown."""
    left, right = column.codes[pairs[:, 0]], column.codes[pairs[:, 1]]
    alike = np.where(left == right, 1.0, 0.0)
    differs = np.flatnonzero((left != right) & (left != EMPTY) & (right != EMPTY))
    if len(differs):
        width = len(column.values)
        low, high = np.minimum(left, right)[differs], np.maximum(left, right)[differs]
        asked, places = np.unique(low * width + high, return_inverse=True)
        ones = [column.values[place] for place in asked // width]
        others = [column.values[place] for place in asked % width]
        alike[differs] = _compare(column.kind, ones, others)[places]
    alike[(left == EMPTY) | (right == EMPTY)] = np.nan
    return alike


def _compare(kind: Kind, ones: list[str], others: list[str]) -> Numbers:
    """How alike the texts are, pair by pair, from 0 to 1."""
    alike = np.asarray(cpdist(ones, others, scorer=OSA.normalized_similarity), float)
    match kind:
        case Kind.GIVEN | Kind.FAMILY:
            prefixed = np.asarray(cpdist(ones, others, scorer=JaroWinkler.normalized_similarity), float)
            alike = np.maximum(alike, np.where(prefixed > 0.85, prefixed, 0))
            initial = [_is_initial(one, other) for one, other in zip(ones, others, strict=True)]
            return np.where(initial, INITIAL, alike)
        case Kind.PLACE:
            return np.maximum(alike, np.asarray(cpdist(ones, others, scorer=token_sort_ratio), float) / 100)
        case Kind.MAIL:
            numbered = [_without_digits(one) == _without_digits(other) for one, other in zip(ones, others, strict=True)]
            return np.where(numbered, 0.0, alike)  # person1@ and person2@ are two
    return alike


def _is_initial(one: str, other: str) -> bool:
    short, long = sorted((one.rstrip("."), other), key=len)
    return len(short) == 1 and long.startswith(short)


def _without_digits(text: str) -> str:
    return "".join(letter for letter in text if not letter.isdigit())


def _part(column: Column, pairs: Codes, alike: Numbers, count: int) -> Numbers:
    """What the column adds to the sum: from `against` for different values to the weight of the rarer value."""
    held = np.minimum(*(column.counts[column.codes[pairs[:, side]]] for side in (0, 1)))
    often = np.maximum(held / max(column.known, SMALLEST), RAREST.get(column.kind, 1 / max(count, SMALLEST)))
    weight = np.maximum(np.log(AGREE / np.minimum(often, AGREE)), 0)
    against = AGAINST[column.kind]
    share = np.clip((alike - LIKE) / (1 - LIKE), 0, 1)
    return np.where(np.isnan(alike), 0.0, against + (weight - against) * share)


def _let_names_be_swapped(
    columns: Mapping[str, Column], pairs: Codes, parts: dict[str, Numbers], likeness: dict[str, Numbers]
) -> None:
    """First and last name in each other's place are the same names."""
    given, family = columns.get("given_name"), columns.get("family_name")
    if not given or not family:
        return
    unlike = [np.nan_to_num(likeness[column.name], nan=1.0) < LIKE for column in (given, family)]
    asked = np.flatnonzero(unlike[0] & unlike[1])
    crossed = np.ones(len(asked))
    for first, last in ((0, 1), (1, 0)):
        ones = [given.values[code] for code in given.codes[pairs[asked, first]]]
        others = [family.values[code] for code in family.codes[pairs[asked, last]]]
        crossed = np.minimum(crossed, _compare(Kind.GIVEN, ones, others)) if ones else crossed
    swapped, crossed = asked[crossed > LIKE], crossed[crossed > LIKE]
    for column in (given, family):
        parts[column.name][swapped] = -np.log(RAREST[column.kind]) * (crossed - LIKE) / (1 - LIKE)
        likeness[column.name][swapped] = crossed


def _share_a_household(columns: Mapping[str, Column], parts: dict[str, Numbers]) -> None:
    """Street, postcode, city: who shares one shares most of them, and is perhaps the brother."""
    places = [name for name, column in columns.items() if column.kind == Kind.PLACE]
    if len(places) < 2:
        return
    gained = sum(np.maximum(parts[name], 0) for name in places)
    share = np.where(gained > HOUSEHOLD, HOUSEHOLD / np.maximum(gained, HOUSEHOLD), 1.0)
    for name in places:
        parts[name] = np.where(parts[name] > 0, parts[name] * share, parts[name])
