"""The one door into the ledger.

Resolve people → hold them, INSERT … ON CONFLICT DO NOTHING → news that carries the rows which were really new → scores,
day counts, segment dirt, all in one transaction: a retry cannot count twice.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction

from contacts.channels import Channel
from contacts.enriching import enrich
from contacts.history.saying import saying
from contacts.models import Contact, Identity, Merged
from contacts.resolving import Hint, resolve
from lib.clock import now, to_milliseconds
from lib.foreign.foreign_json import clean
from lib.sql import array_of, array_of_texts, load_sql, run_prepared
from touchpoints.facts import Fact, check_moment, fact_numbers
from touchpoints.kind_codes import codes_for
from touchpoints.kinds import BY_CODE
from touchpoints.models import Source
from touchpoints.news import touchpoints_recorded
from touchpoints.rows import Row, literals_of
from touchpoints.timestamps import give_moments
from workspaces.current import current_workspace_id
from workspaces.surveying import survey

MOST_FACTS = 5_000
DEVICE_ONLY = int(Identity.Kind.DEVICE)


class TooManyFactsError(ValueError):
    """More facts than one batch may hold."""


class NobodyError(IntegrityError):
    """A fact of a contact that is not there, or not in this workspace."""


_CHANNELS = {code: int(kind.channel) for code, kind in BY_CODE.items()}
_OUTWARD = {code for code, kind in BY_CODE.items() if kind.is_outward}
_as_json = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Recorded:
    """What a batch did: how many facts came, which of them were new, whom they concern, for receivers and callers.

    `contact_ids`, `moments`, `ids` follow the order of the facts, whether a fact was new or not; the rest tells of the
    new ones, each once: `fresh` by column, in the order of Row, and `payloads` as they were told. `unprofiled`: of whom
    of these contacts no profile is made (they said so, or were erased), which stays so while they are held. A receiver
    may record again: nothing here lives outside this object.
    """

    source: Source
    numbers: Sequence[int]  # the ids as whole numbers: a thousand UUIDs that nobody asks for cost 3 µs each
    contact_ids: list[int]
    moments: list[datetime]
    fresh: Sequence[Sequence[Any]]
    unprofiled: Sequence[int]
    payloads: Sequence[Mapping[str, Any]] = ()

    @cached_property
    def ids(self) -> list[UUID]:
        """The id of each fact."""
        return [UUID(int=number) for number in self.numbers]

    @property
    def fresh_count(self) -> int:
        """How many facts were not known before."""
        return len(self.fresh[0])

    @cached_property
    def fresh_ids(self) -> frozenset[UUID]:
        """The ids of the new facts."""
        return frozenset(UUID(int=number) for number in self.fresh[0])

    @cached_property
    def fresh_contact_ids(self) -> list[int]:
        """Whom the new facts concern."""
        return sorted(set(self.fresh[2]))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The new facts."""
        return tuple(Row(UUID(int=number), *rest) for number, *rest in zip(*self.fresh, strict=True))

    @cached_property
    def columns(self) -> dict[str, str | int]:
        """The new rows as parameters of a statement over touchpoints.rows.rows_sql."""
        return literals_of(self.fresh)


@transaction.atomic
def record(facts: Sequence[Fact], *, source: Source, trusted: bool = True) -> Recorded:
    """Write 1 to 5,000 facts; afterwards each stands in the ledger once and its consequences are counted once.

    May be repeated: a fact known by (source, external id, moment) changes nothing. Facts with an id from outside, or
    without a moment, get the moment of their first arrival. `trusted` is False for what a public key sent: it fills
    empty fields only.
    Holds their people until the transaction ends. Raises BadFactError for a moment out of bounds, TooManyFactsError,
    NobodyError. Call inside working_in.
    """
    if len(facts) > MOST_FACTS:
        raise TooManyFactsError(f"{len(facts)} facts; {MOST_FACTS} at most")
    survey(Contact, Identity, Merged)
    received = to_milliseconds(now())
    give_moments(facts, source=source, now=received)
    for fact in facts:
        check_moment(fact.occurred_at or received, now=received)
    if any(fact.profile for fact in facts):
        with saying(source.name):
            people = _people_of(facts)
            enrich([(people[i][0], fact.profile) for i, fact in enumerate(facts) if fact.profile], trusted=trusted)
    else:
        people = _people_of(facts)
    return _write(facts, people, source, received)


def _people_of(facts: Sequence[Fact]) -> list[tuple[int, int | None]]:
    """(contact, identity) of each fact."""
    unnamed = [fact.hints for fact in facts if fact.contact_id is None]
    found = iter(resolve(unnamed)) if unnamed else iter(())
    return [(fact.contact_id, None) if fact.contact_id is not None else next(found) for fact in facts]


def _write(facts: Sequence[Fact], people: list[tuple[int, int | None]], source: Source, received: datetime) -> Recorded:
    columns = _columns(facts, people, source)
    numbers, moments, contacts = columns[:3]
    once = {
        number: place for place, number in reversed(list(enumerate(numbers)))
    }  # of two equal facts the first counts
    staged, fresh = facts, columns
    identities: list[int | None] = [identity for _contact, identity in people]
    if len(once) < len(numbers):
        places = sorted(once.values())
        staged, identities = [facts[place] for place in places], [identities[place] for place in places]
        fresh = _at(columns, places)
    literals = literals_of(fresh)
    unprofiled, added = (
        _insert(staged, identities, fresh[0], fresh[2], literals, source, received) if staged else ([], [])
    )
    if len(added) < len(fresh[0]):
        these = set(added)
        kept = [place for place, number in enumerate(fresh[0]) if number in these]
        staged, fresh = [staged[place] for place in kept], _at(fresh, kept)
        literals = literals_of(fresh)
    payloads = [fact.payload for fact in staged]
    recorded = Recorded(source, numbers, contacts, moments, fresh, unprofiled, payloads)
    recorded.__dict__["columns"] = literals  # written once for the ledger and for all who hear of it
    if fresh[0]:
        touchpoints_recorded.tell(batch=recorded)
    return recorded


def _at(columns: Sequence[Sequence[Any]], places: Sequence[int]) -> list[list[Any]]:
    return [[column[place] for place in places] for column in columns]


def _columns(facts: Sequence[Fact], people: Sequence[tuple[int, int | None]], source: Source) -> list[list[Any]]:
    """The facts by column, in the order of Row; their ids as whole numbers."""
    codes = codes_for(fact.kind for fact in facts)
    kinds = [codes[fact.kind] for fact in facts]
    web = Channel.WEB.value
    return [
        fact_numbers(facts, current_workspace_id(), source.pk),
        [fact.occurred_at for fact in facts],
        [contact for contact, _identity in people],
        [fact.channel or _CHANNELS.get(kind, web) for fact, kind in zip(facts, kinds, strict=True)],
        kinds,
        [
            int(kind in _OUTWARD) if fact.direction is None else fact.direction
            for fact, kind in zip(facts, kinds, strict=True)
        ],
        [fact.message_id for fact in facts],
        [fact.sentiment_milli for fact in facts],
        [fact.value_minor for fact in facts],
        [fact.weight_milli for fact in facts],
        [fact.certainty for fact in facts],
    ]


def _insert(
    facts: Sequence[Fact],
    identities: Sequence[int | None],
    numbers: Sequence[int],
    contacts: Sequence[int],
    literals: Mapping[str, Any],
    source: Source,
    received: datetime,
) -> tuple[list[int], Sequence[int]]:
    """Write these, each once, and hold their people: those of whom no profile is made, and the numbers of the facts that
    were not there. NobodyError.
    """
    params = {
        **literals,
        "workspace": current_workspace_id(),
        "source": source.pk,
        "received": received,
        "ids": "{" + ",".join([f"{number:032x}" for number in numbers]) + "}",
        "identities": array_of(identities),
        "actors": array_of(fact.actor_id for fact in facts),
        "currencies": array_of_texts([fact.currency or "" for fact in facts]),
        "external_ids": array_of_texts([fact.external_id for fact in facts]),
        "payloads": "\n".join([payload_text(fact.payload) if fact.payload else "{}" for fact in facts]),
        "asked": len(facts),
    }
    del params["row_minus"]
    found, people = run_prepared(_insert_facts(), params), len(set(contacts))
    held, unprofiled, written, _id = found[0]
    if held < people:
        raise NobodyError(f"{people - held} contacts of these facts do not exist here.")
    return unprofiled, numbers if written == len(facts) else [UUID(row[3]).int for row in found[1:]]


@cache
def _insert_facts() -> str:
    return load_sql("touchpoints/insert_facts")


def payload_text(payload: Mapping[str, Any]) -> str:
    """As JSON that PostgreSQL stores, on one line: whatever door it came by, a text in it holds no NUL."""
    try:
        text = _as_json(payload).decode()
    except (TypeError, OverflowError, ValueError):  # a whole number over 64 bits; what neither can write is refused
        text = json.dumps(payload, ensure_ascii=False)
    return json.dumps(clean(dict(payload)), ensure_ascii=False) if "\\u0000" in text else text


__all__ = ["Fact", "Hint", "Recorded", "TooManyFactsError", "record"]
