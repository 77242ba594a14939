"""What rows and files say of one order or one visit, put together; and the facts that follow from it.

Whatever is said is kept as a small dict: `of` (order | visit), single values by name, and `items`, a list. Rows of one
file add up and may not contradict one another. Of several files the later one's single values count; items are joined
by what names them. All of it is pure: the same words give the same facts, in whatever parts they came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from imports.drafts import Draft

Said = dict[str, Any]
Item = list[Any]
MOST_ITEMS = 500
FIRST_STANDS = {"number", "event"}  # written in another way they mean the same
FIRST_COUNTS = ("at", "registered_at")  # of a visit: several tickets of one person say several moments of one day


class ContradictionError(ValueError):
    """Two rows of one file say different things of one order: `name` is what of."""

    def __init__(self, name: str, before: Any, after: Any) -> None:
        super().__init__(name)
        self.name, self.before, self.after = name, before, after


class TooManyItemsError(ValueError):
    """More items than an order or a visit may have: whatever its column holds, it is no order number."""


@dataclass(slots=True)
class Entry:
    """What one row says: whose it is (`draft`), what of (`key`), and `error` where it cannot be used."""

    line: int
    draft: Draft
    key: UUID | None = None
    said: Said = field(default_factory=dict)
    item: Item | None = None
    error: str = ""


class Wanted(NamedTuple):
    """A fact as the files tell it. Money in hundredths; `channel` None: as usual for the kind."""

    part: str
    kind: str
    at: datetime
    value_minor: int | None
    currency: str | None
    channel: int | None
    payload: Mapping[str, Any]

    def digest(self, contact_id: int) -> UUID:
        """Changes with anything that the fact says, and with whose it is."""
        text = msgspec.json.encode([contact_id, *self], order="deterministic")
        return UUID(bytes=blake2b(text, digest_size=16).digest())


def add(told: Said, entry: Entry) -> bool:
    """Put a row to what its file said before; False where it says nothing new. ContradictionError, TooManyItemsError."""
    items = told.setdefault("items", [])
    is_first = len(told) == 1
    moments = FIRST_COUNTS if entry.said.get("of") == "visit" else ()
    for name, value in entry.said.items():
        if name not in FIRST_STANDS and name not in moments and told.get(name, value) != value:
            raise ContradictionError(name, told[name], value)
    fresh = {name: value for name, value in entry.said.items() if name not in told}
    fresh |= {
        name: entry.said[name] for name in moments if name in entry.said and entry.said[name] < told.get(name, "")
    }
    is_new_item = entry.item is not None and entry.item not in items
    if is_new_item and len(items) >= MOST_ITEMS:
        raise TooManyItemsError
    told |= fresh
    if is_new_item:
        items.append(entry.item)
    return is_first or bool(fresh) or is_new_item


def moment(text: str) -> datetime:
    """A moment as it is kept in what is said."""
    return datetime.fromisoformat(text)


def moment_text(at: datetime) -> str:
    """A moment as what is said keeps it: in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def who(draft: Draft) -> Said:
    """By what a row names its person, hidden: two rows of one order that name two people contradict one another."""
    kinds = {"email": draft.emails, "number": draft.external_ids, "phone": draft.phones, "handle": draft.handles}
    named = next(((kind, values[0]) for kind, values in kinds.items() if values), None)
    return {f"who_{named[0]}": blake2b(named[1].encode(), digest_size=8).hexdigest()} if named else {}


def join_items(before: Sequence[Item], after: Sequence[Item], names: int) -> list[Item]:
    """Items of two files: those of the later stand for all that bear the same name (their first `names` cells)."""
    named = {tuple(item[:names]) for item in after}
    return [item for item in before if tuple(item[:names]) not in named] + list(after)
