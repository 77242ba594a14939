"""What a leaf of a segment's rule is: one class in one file, with everything about that kind of line together.

A rule's JSON says `{type: argument}`. To add a type, write one file in a room's `leaf_types/` and name the class in
that room's room.py:

    class RoleLeaf(LeafType):
        type = "role"                              # the word in the JSON
        label = _("plays a role")                  # the line in the builder's menu; `order` is its place there
        reads = frozenset({"role"})                # facts whose change must make segments look again; see FACTS
        form = RoleForm                            # a LeafForm of the same file; None: the builder cannot write it
        words = RoleWords()                        # its phrases, English and German (segments/words/speech.py)

        class Argument(msgspec.Struct, **STRICT):  # what stands behind the type: names, types, bounds
            roles: list[str] = msgspec.field(name="in")

        argument: Argument

        @classmethod
        def check(cls, argument, path): …          # what types cannot say; RuleError(path, text)
        def condition(self, query): …              # boolean SQL over `c` (the contact) and the sets of query.people()
        def phrase(self): …                        # the line in words
        def evidence(self, members): …             # what decides it for one person: ids of everybody merged into them
        def usual(cls): …                          # arguments offered to who types words (a class method)
        def moves_with_time(self): …               # whether time alone can flip it
        def identifies(self): …                    # whether it asks who somebody is

`LeafType.open(raw, path)` is the only way in from JSON: it reads the argument, checks it, and returns the leaf.
The condition is asked of all rows of everybody merged into a person; evidence must look at the same rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, Self, cast

import msgspec
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from lib.clock import now
from lib.rooms import house
from lib.sql import run_dicts
from segments.words.speech import Words
from workspaces.current import current_workspace_id

Path = tuple[int, ...]
MOST_OFFERED = 200  # of one kind, to who types words
STRICT = {"frozen": True, "forbid_unknown_fields": True}
# What a leaf may read; ecrm/flow.py has a line for each that marks people for another look.
FACTS = frozenset(
    {
        "field",
        "role",
        "tag",
        "consent",
        "suppression",
        "membership",
        "touchpoint",
        "score",
        "level",
        "delivery",
        "interest",
        "offer",
    }
)


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

    def masked(self) -> "Phrase":
        """The same without its value."""
        return replace(self, value="…" if self.value else "")

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.field, self.verb, self.value) if str(part))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What we see of one person that decides a leaf, and since when.

    `holds`: whether the leaf is true by what is shown; it must agree with the condition. None: it does not say.
    """

    text: str | Promise
    since: datetime | None = None
    holds: bool | None = None


@dataclass
class QueryBuilder:
    """A statement in the making. Leaves add sets of people and parameters, and get names back."""

    now: datetime = field(default_factory=now)
    is_restricted: bool = False
    whom: str = ""  # a step that holds all who can fit, in `id`, with those merged into them
    subject: str = "c.id"  # whose set is asked for: the driving set's people before they are looked up
    sets: list[Any] = field(default_factory=list)  # each written out (str) when the statement is
    shared: dict[str, Any] = field(default_factory=dict)  # steps that several lines look into, by name
    params: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.params |= {"workspace": current_workspace_id(), "r_now": self.now}

    @classmethod
    def about(cls, members: Sequence[int]) -> Self:
        """For the evidence about one person: every set is restricted to these ids. Run it with `rows`."""
        query = cls(is_restricted=True)
        query.params["r_members"] = list(members)
        return query

    def param(self, value: Any) -> str:
        """A placeholder for this value."""
        return f"%({self.param_name(value)})s"

    def param_name(self, value: Any) -> str:
        """The name of a new parameter with this value."""
        name = f"r_{len(self.params)}"
        self.params[name] = value
        return name

    def people(self, select: str) -> str:
        """The condition "is one of these", for a SELECT of `contact_id`s of survivors, each at most once.

        It is a look into a hash of the set: as a join the planner, who knows nothing of what is in a set, makes a walk
        through a million people of it.
        """
        return in_set(self.step(select), self.subject)

    def step(self, select: str) -> str:
        """The name of an uncorrelated MATERIALIZED step of the statement: a correlated one turned into a nested loop
        over every partition.
        """
        name = f"r_set_{len(self.sets) + 1}"
        self.sets.append(f"{name} AS MATERIALIZED (\n{select}\n)")
        return name

    def steps(self) -> str:
        """The WITH that a statement begins with; nothing where no line needs a step."""
        return "WITH " + ",\n".join(map(str, self.sets)) + "\n" if self.sets else ""

    def only(self, column: str) -> str:
        """` AND column is one of the people looked at`, or nothing when everybody is. Put it into each set."""
        if self.is_restricted:
            return f" AND {column} = ANY(%(r_members)s)"
        return f" AND {column} IN (SELECT {self.whom}.id FROM {self.whom})" if self.whom else ""

    def survivors(self, table: str, alias: str) -> str:
        """FROM clause for rows of `table` with, as m.survivor_id, who stands for their contact today."""
        return (
            f"FROM {table} {alias} LEFT JOIN contacts_merged m"
            f" ON m.workspace_id = %(workspace)s AND m.loser_id = {alias}.contact_id"
        )

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Run a statement with the parameters so far."""
        return run_dicts(sql, self.params)


def in_set(name: str, subject: str = "c.id") -> str:
    """The condition "is one of the people of this step"."""
    return f"coalesce({subject} IN (SELECT {name}.contact_id FROM {name}), false)"


class LeafForm(forms.Form):
    """Values of one line. `initial_of` reads an argument's JSON into fields, `argument` writes it back."""

    @classmethod
    def initial_of(cls, argument: Any) -> dict[str, Any]:
        """The form's initial values for a line that exists."""
        return dict(argument)

    def argument(self) -> Any:
        """What stands behind the type in the rule's JSON."""
        return dict(self.cleaned_data)


FormClass = type[LeafForm]


class LeafType:
    """One kind of line; an instance is one line with its argument. See the module."""

    type: ClassVar[str]
    label: ClassVar[str | Promise]
    order: ClassVar[int] = 50
    icon: ClassVar[str] = "filter"
    form: ClassVar[FormClass | None] = None
    reads: ClassVar[frozenset[str]] = frozenset()
    words: ClassVar[Words | None] = None
    Argument: ClassVar[Any]

    argument: Any

    def __init__(self, argument: Any) -> None:
        self.argument = argument

    @classmethod
    def open(cls, raw: Any, path: Path = ()) -> Self:
        """The leaf of a rule's JSON. RuleError with the place when the argument cannot be read."""
        return cls(cls.read(raw, path))

    @classmethod
    def read(cls, raw: Any, path: Path = ()) -> Any:
        """The argument (an `Argument`) behind the type. RuleError with the place."""
        fields = msgspec.structs.fields(cls.Argument)
        _check_keys(raw, path, {one.encode_name for one in fields if one.required}, {one.encode_name for one in fields})
        try:
            argument = msgspec.convert(raw, cls.Argument)
        except msgspec.ValidationError as error:
            raise RuleError(path, _("This line cannot be read: %(why)s.") % {"why": error}) from error
        cls.check(argument, path)
        return argument

    @classmethod
    def check(cls, argument: Any, path: Path) -> None:
        """Refuse what the argument's types let through. RuleError."""

    @classmethod
    def usual(cls) -> Iterable[Any]:
        """Arguments that people often mean, found by who types words into the builder. None that names somebody."""
        return ()

    def condition(self, query: QueryBuilder) -> str:
        """A boolean SQL expression, never NULL, over `c` (the contact) and the sets made by `query.people`."""
        raise NotImplementedError

    def phrase(self) -> Phrase:
        """The line in words."""
        raise NotImplementedError

    def evidence(self, members: Sequence[int]) -> Evidence | None:
        """What decides the line for one person: `members` are all ids of that person, the survivor first."""
        return None

    def identifies(self) -> bool:
        """Whether it asks who somebody is (a name, an address): for roles that see names alone."""
        return False

    def moves_with_time(self) -> bool:
        """Whether time alone, without any news, can flip the line."""
        return False


def leaf_type(name: str) -> type[LeafType] | None:
    """The leaf type of this name, if any room brings it."""
    return cast("type[LeafType] | None", house.leaf_types.get(name))


def leaf_types() -> list[type[LeafType]]:
    """All leaf types, in the order in which the builder offers them."""
    known: list[Any] = list(house.leaf_types.values())
    return sorted(known, key=lambda one: (one.order, one.type))


def _check_keys(raw: Any, path: Path, needed: set[str], known: set[str]) -> None:
    if not isinstance(raw, Mapping):
        raise RuleError(path, _("This line needs its values."))
    if missing := sorted(needed - raw.keys()):
        raise RuleError(path, _("This line lacks: %(keys)s.") % {"keys": ", ".join(missing)})
    if unknown := sorted(str(key) for key in raw.keys() - known):
        raise RuleError(path, _("This line has what nobody knows: %(keys)s.") % {"keys": ", ".join(unknown)})
