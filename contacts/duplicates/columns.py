"""What is compared of people: a column of texts for each field, of the same length, and how each column is compared."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

type Codes = NDArray[np.int64]
EMPTY = 0  # the code of "nothing is known"


class Kind(StrEnum):
    """How two values of a column are compared, and what they have in common with other columns."""

    GIVEN = auto()
    FAMILY = auto()
    MAIL = auto()
    PHONE = auto()
    PLACE = auto()  # what people of one household or office share
    VALUE = auto()  # what belongs to one person for good


PLACES = re.compile(
    r"addr|street|stra(ss|ß)e|road|suburb|city|town|\bort\b|stadt|wohnort|state|region|province|bundesland|county|country"
    r"|land\b|post.?code|zip|\bplz\b|postal|house|hausn|company|firma|employer|organi[sz]ation",
    re.IGNORECASE,
)
LANDLINES = re.compile(r"land.?line|festnetz|home.?phone|fixed|haus.?telefon", re.IGNORECASE)
PHONES = re.compile(r"phone|mobile?\b|\btel|handy|\bcell", re.IGNORECASE)
KINDS = {
    "given_name": Kind.GIVEN,
    "family_name": Kind.FAMILY,
    "email": Kind.MAIL,
    "phone": Kind.PHONE,
}


def kind_of(name: str) -> Kind:
    """How the values of this field are compared, by its name."""
    if name in KINDS:
        return KINDS[name]
    if LANDLINES.search(name):
        return Kind.PLACE
    return Kind.PHONE if PHONES.search(name) else Kind.PLACE if PLACES.search(name) else Kind.VALUE


@dataclass(frozen=True)
class Column:
    """One field of everybody: `codes[i]` is the place in `values` of what person i has; values[0] is "" (unknown)."""

    name: str
    kind: Kind
    codes: Codes
    values: Sequence[str]

    @cached_property
    def counts(self) -> Codes:
        """How many have each value."""
        return np.bincount(self.codes, minlength=len(self.values)).astype(np.int64)

    @property
    def known(self) -> int:
        """How many have any."""
        return len(self.codes) - int(self.counts[EMPTY])


def make_columns(texts: Mapping[str, Sequence[str]]) -> dict[str, Column]:
    """Columns of folded texts, without those that are empty."""
    columns = {}
    for name, column in texts.items():
        places = {"": EMPTY}
        codes = np.fromiter((places.setdefault(text, len(places)) for text in column), np.int64, len(column))
        if len(places) > 1:
            columns[name] = Column(name, kind_of(name), codes, list(places))
    return columns
