"""The vocabulary of rules: which leaves a rule tree may hold, and what each means.

Rooms register words (`leaf`) from their AppConfig.ready(): this room its own, touchpoints "did", engagement "score".
So a segment can speak of scores though contacts knows none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise

from contacts.addresses import hash_pads
from workspaces.current import current_workspace_id

Path = tuple[int, ...]


class RuleError(ValueError):
    """A rule that cannot be read; `path` says where (child numbers from the root), `text` why."""

    def __init__(self, path: Path, text: str) -> None:
        super().__init__(text)
        self.path, self.text = path, text


@dataclass(frozen=True, slots=True)
class Phrase:
    """A leaf as a person would say it: "plays the role · of · **customer**"."""

    field: str | Promise
    verb: str | Promise
    value: str | Promise
    icon: str = "filter"
    shape: str = ""

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.field, self.verb, self.value) if str(part))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What we see of one person that decides a leaf, and since when."""

    text: str | Promise
    since: datetime | None = None


@dataclass
class Building:
    """A statement in the making. Leaves add sets of people and parameters, and get names back."""

    now: datetime = field(default_factory=timezone.now)
    is_restricted: bool = False
    sets: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.params |= {"workspace": current_workspace_id(), "r_now": self.now}

    def param(self, value: Any) -> str:
        """A placeholder for this value."""
        name = f"r_{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"

    def people(self, select: str) -> str:
        """The condition "is one of these", for a SELECT of `contact_id`s of survivors, each at most once.

        The set becomes an uncorrelated MATERIALIZED step of the statement: a correlated one turned into a nested
        loop over every partition.
        """
        name = f"r_set_{len(self.sets) + 1}"
        self.sets.append(f"{name} AS MATERIALIZED (\n{select}\n)")
        return f"({name}.contact_id IS NOT NULL)"

    def only(self, column: str) -> str:
        """` AND column is one of the people looked at`, or nothing when everybody is. Put it into each set."""
        return f" AND {column} = ANY(%(r_members)s)" if self.is_restricted else ""

    def survivors(self, table: str, alias: str) -> str:
        """FROM clause for rows of `table` with, as m.survivor_id, who stands for their contact today."""
        return (
            f"FROM {table} {alias} LEFT JOIN contacts_merged m"
            f" ON m.workspace_id = %(workspace)s AND m.loser_id = {alias}.contact_id"
        )

    def pads(self) -> None:
        """Make the keyed hash's pads known to the statement."""
        self.params |= hash_pads()


def nothing_to_see(_argument: Any, _members: Sequence[int]) -> Evidence | None:
    """A leaf that shows no evidence."""
    return None


def stands_still(_argument: Any) -> bool:
    """A leaf that only news can flip, not time alone."""
    return False


@dataclass(frozen=True)
class Word:
    """One kind of leaf: `{kind: argument}`.

    `check(argument, path)` raises RuleError; `condition(argument, building)` returns a boolean SQL expression over
    `c` (the contact) and the sets made by `building.people`; `phrase(argument)` says it; `evidence(argument,
    members)` shows what decides it for one person (all ids of that person); `form` is the dotted name of its
    LeafForm (contacts/segments/forms.py); `moves(argument)` is True when time alone can flip it.
    """

    kind: str
    label: str | Promise
    check: Callable[[Any, Path], None]
    condition: Callable[[Any, Building], str]
    phrase: Callable[[Any], Phrase]
    evidence: Callable[[Any, Sequence[int]], Evidence | None] = nothing_to_see
    moves: Callable[[Any], bool] = stands_still
    form: str = ""
    order: int = 50


_words: dict[str, Word] = {}


def leaf(kind: str, **parts: Any) -> None:
    """Register a word; a second registration of the same kind replaces the first."""
    _words[kind] = Word(kind, **parts)


def word(kind: str) -> Word | None:
    """The word of this kind, if any room knows it."""
    return _words.get(kind)


def words() -> list[Word]:
    """All words, in the order the builder offers them."""
    return sorted(_words.values(), key=lambda one: (one.order, one.kind))
