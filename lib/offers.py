"""What rooms may offer to one another, as plain data and Protocols; room.py of each room makes its own of these."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from lib.signs import Text


class WorkspaceLike(Protocol):
    """The tenant, as far as the ground knows it."""

    pk: Any
    slug: str


Work = Callable[[Any], datetime | None]  # workspace → when it is due again, None: when something happens
StreamHandler = Callable[[Any, list[dict[str, Any]]], None]  # workspace, items; all or nothing, may be repeated
PaletteFinder = Callable[[Any, str], list[dict[str, Any]]]  # request, words → {"name", "url", "icon", "hint"}
AnswerPlace = Callable[[Any, Sequence[int]], Mapping[int, str]]  # request, contacts → where each who waits is answered


@dataclass(frozen=True)
class NavigationEntry:
    """One line of the rail. `unless`: who may do this sees another line instead; `also`: words that find it too."""

    order: int
    name: Text
    icon: str
    url_name: str
    permission: str
    count: Callable[[], int] | None = None
    foot: bool = False
    unless: str = ""
    also: Text = ""


@dataclass(frozen=True)
class SettingsPage:
    """One page among the settings. `also`: words that find it too."""

    order: int
    name: Text
    icon: str
    url_name: str
    permission: str
    also: Text = ""


@dataclass(frozen=True)
class Action:
    """Something to do that has a page of its own, for the palette. `also`: words that find it too.

    `on_home`: home's one primary action is the first, by this number, that the member may do; 0 is none.
    """

    name: Text
    icon: str
    url_name: str
    permission: str
    also: Text = ""
    on_home: int = 0


@dataclass(frozen=True)
class SetupStep:
    """One thing to do once, in the first hour. `is_done(workspace)` looks at the data."""

    order: int
    name: Text
    why: Text
    url_name: str
    is_done: Callable[[Any], bool]


@dataclass(frozen=True)
class Panel:
    """Something shown on another room's page: where, in which order, what. A context of None leaves it out."""

    place: str
    order: int
    context: Callable[[Any, Any], dict[str, Any] | None]  # request, subject
    template: str
    permission: str = ""


@dataclass(frozen=True)
class ComposerWay:
    """One way to speak with a person from their own page: `context(request, contact, form)` is what its part shows, with
    what could not be taken, else None. `name` is in the address (?compose=…); `keeps_files`: they lie beside its draft.
    """

    order: int
    name: str
    label: Text
    icon: str
    key: str
    permission: str
    context: Callable[[Any, Any, Any], dict[str, Any]]
    template: str
    keeps_files: bool = True


@dataclass(frozen=True)
class ListColumn:
    """A column of the list of people: `values(contact_ids)` in one query, each shown by `template` (as `cell`).

    `text` writes a value into a file. One that is no default is there to be chosen.
    """

    order: int
    name: str
    label: Text
    values: Callable[[Sequence[int]], Mapping[int, Any]]
    template: str
    text: Callable[[Any], Text] = str
    is_default: bool = True


@dataclass(frozen=True)
class ListOrder:
    """A way to sort the list of people: `key` is SQL over `c` and what `join` adds, never NULL; `cast` its type.

    `walk` joins only those whose key, a number, is above nothing, and `walk_key` is that key as an index holds it: the
    first of a million come by walking that index, whoever is not in it after them.
    """

    order: int
    name: str
    label: Text
    key: str
    cast: str
    join: str = ""
    is_descending: bool = True
    walk: str = ""
    walk_key: str = ""


@dataclass(frozen=True)
class Narrowing:
    """A list of people narrowed down: in these words, by SQL over `c` (begins with AND) and its parameters."""

    words: Text
    sql: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class ListFilter:
    """A way to narrow the list of people that a number elsewhere leads to, as `?name=value`.

    `read(request, value)` gives the narrowing; None for what is nonsense, gone, or not this member's to see.
    `as_rule(value)` says the same as a line of a segment's rule, where there is one.
    """

    name: str
    read: Callable[[Any, str], Narrowing | None]
    as_rule: Callable[[str], dict[str, Any]] | None = None


class LeafType(Protocol):
    """One kind of line in a segment's rule; segments/leaf_types/base.py has the class that all of them extend."""

    type: ClassVar[str]


class GateStep(Protocol):
    """One question of the gate; consent/steps/base.py has the class that all of them extend."""

    order: ClassVar[int]
    code: ClassVar[str]


class Messenger(Protocol):
    """One way out for messages; delivery/messengers/protocol.py has the whole of it."""

    kind: ClassVar[str]


class Network(Protocol):
    """One kind of connection through which people speak to us; conversations/channels.py has what can be answered."""

    key: ClassVar[str]


class ImportPreset(Protocol):
    """The columns of one program's export; imports/presets/base.py has the whole of it."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class ApiRouter:
    """Operations of the API: `router` is their dotted name, so that only the web loads them.

    `area` is what scopes of keys are named for (contacts:read, contacts:write); `label` says it to people.
    """

    order: int
    area: str
    label: Text
    router: str
    only_reads: bool = False


@dataclass(frozen=True)
class ContactPart:
    """What a room adds to each contact in the API: `values(contact_ids)` for a set, in a constant number of statements.

    `shape` is the dotted name of what one value looks like; `empty` stands where nothing is known.
    """

    name: str
    shape: str
    values: Callable[[Sequence[int]], Mapping[int, Any]]
    empty: Any = None


@dataclass(frozen=True)
class ContactFilter:
    """A way to narrow the contacts of the API: `?name=value`; None from `narrow` says that there is no such thing."""

    name: str
    says: str
    narrow: Callable[[str], Narrowing | None]


@dataclass(frozen=True)
class SegmentUse:
    """One that relies on a segment, by its name, with its page ("" where it has none)."""

    name: str
    url: str = ""


@dataclass(frozen=True)
class SegmentUser:
    """Who relies on a segment: `uses(segment_id)` says what would lose its audience."""

    label: Text
    uses: Callable[[int], Sequence[SegmentUse]]


@dataclass(frozen=True)
class FieldUser:
    """Who relies on a custom field: `uses(name, user_id)` says what would no longer mean the same.

    Of what is private to others than that member it is not told what it is called.
    """

    label: Text
    uses: Callable[[str, int | None], Sequence[SegmentUse]]


@dataclass(frozen=True)
class MemberDuty:
    """What is in the hands of a member: `count(user_id)` how much, `says(count)` in words before they leave,
    `hand_on(user_id, to_id, by)` gives it to a colleague, or to nobody (None), and returns how much it was.
    """

    count: Callable[[int], int]
    says: Callable[[int], Text]
    hand_on: Callable[[int, int | None, Any], int]


@dataclass(frozen=True)
class PersonalData:
    """One kind of what a room holds about a person: how it is handed out, and how it goes when they are erased.

    `gather(contact_ids)` yields its entries as plain data, of everybody who is this person; `erase(contact_ids)` takes
    them away and returns how many; `tables` are those it answers for; `stays` says what of it remains, and why.
    """

    order: int
    name: Text
    tables: Sequence[str]
    gather: Callable[[Sequence[int]], Iterable[Mapping[str, Any]]]
    erase: Callable[[Sequence[int]], int]
    stays: Text = ""


@dataclass(frozen=True)
class QualityFigure:
    """One thing that is well or not well with the list of people: how many it is, who, and what to do about it.

    `condition` is SQL over `c` (begins with AND), `params()` its parameters; the number leads to the list narrowed by it.
    `remedy` is (words, name of a page) where more can be done than to look; `lets_go`: ask once more, or consents end.
    """

    order: int
    name: str
    label: Text
    says: Text
    condition: str
    params: Callable[[], Mapping[str, Any]] = dict
    is_good: bool = False
    remedy: tuple[Text, str] | None = None
    lets_go: bool = False
