"""A fact on its way into the ledger, and the id that makes recording it twice impossible."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from contacts.resolving import Hint

FIRST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
MOST_AHEAD = timedelta(minutes=10)
_EPOCH = FIRST_MOMENT
_MS = timedelta(milliseconds=1)
_LOW = 0x3FFF_FFFF_FFFF_FFFF
_LAST_MS = (datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) // _MS


class BadFactError(ValueError):
    """A fact that cannot be kept; the message names the rule."""


@dataclass(slots=True)
class Fact:
    """One moment of contact, before it is recorded.

    `kind` is a key or code of kinds.py, or any other name (it becomes a kind of the workspace). Either `contact_id`
    or at least one hint says whose it is. Money in minor units, sentiment and weight in thousandths.
    `profile` holds fields of the person that this fact tells (identify). `has_foreign_id`: a client outside made the
    external id, and may send it again with another time: the moment it first came with stands.
    """

    kind: str | int
    external_id: str
    occurred_at: datetime | None = None
    contact_id: int | None = None
    hints: tuple[Hint, ...] = ()
    channel: int | None = None
    direction: int | None = None
    message_id: int | None = None
    sentiment_milli: int | None = None
    value_minor: int | None = None
    currency: str | None = None
    weight_milli: int = 1000
    certainty: int = 0
    actor_id: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    profile: Mapping[str, Any] | None = None
    has_foreign_id: bool = False


def check_moment(moment: datetime, *, now: datetime) -> None:
    """Refuse what cannot have happened: more than 10 minutes ahead, or before 1970. Nothing is ever clamped."""
    if moment > now + MOST_AHEAD:
        raise BadFactError("timestamp lies more than 10 minutes ahead")
    if moment < FIRST_MOMENT:
        raise BadFactError("timestamp lies before 1970")


def moment_of(id_: UUID) -> datetime:
    """When a fact happened, by its id alone; an id that was not made here may tell any moment up to the year 9999."""
    # 48 bits of milliseconds reach the year 10889, which no datetime holds: one uuid4 in ten tells a later year
    return _EPOCH + min(id_.int >> 80, _LAST_MS) * _MS


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return (moment - _EPOCH) // _MS


def fact_id(workspace_id: int, source_id: int, external_id: str, occurred_at: datetime) -> UUID:
    """A UUID of the UUIDv7 shape: 48 bits of milliseconds, then 74 bits of hash(workspace, source, external id).

    The same fact gets the same id on every retry, as long as its moment stays the same.
    """
    fact = Fact(0, external_id, occurred_at)
    return UUID(int=fact_numbers([fact], workspace_id, source_id)[0])


def fact_numbers(facts: Sequence[Fact], workspace_id: int, source_id: int) -> list[int]:
    """The id of each of these facts, which have a moment, as a whole number."""
    begun = blake2b(f"{workspace_id}\0{source_id}\0".encode(), digest_size=10)
    numbers = []
    for fact in facts:
        ms = to_ms(fact.occurred_at)  # type: ignore[arg-type]  # each has one by now
        seed = begun.copy()
        seed.update(fact.external_id.encode())
        noise = int.from_bytes(seed.digest())
        numbers.append(
            (ms & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (noise >> 68 & 0xFFF) << 64 | 0x2 << 62 | noise & _LOW
        )
    return numbers
