"""The one door into the ledger.

COPY into a temporary stage → resolve people → INSERT … ON CONFLICT DO NOTHING → news with the rows that were really
new → scores, day counts, segment dirt, all in one transaction: a retry cannot count twice.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from contacts.enriching import enrich
from contacts.models import Identity
from contacts.resolving import Hint, resolve
from ecrm.lib.clock import now, to_milliseconds
from ecrm.lib.sql import read_sql
from touchpoints.clocking import give_moments
from touchpoints.facts import Fact, check_moment, fact_id
from touchpoints.kinding import codes_for
from touchpoints.kinds import BY_CODE
from touchpoints.models import Source
from touchpoints.news import touchpoints_recorded
from workspaces.current import current_workspace_id

MOST_FACTS = 5_000
DEVICE_ONLY = int(Identity.Kind.DEVICE)


class TooManyFactsError(ValueError):
    """More facts than one batch may hold."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a batch did: how many facts came, which of them were new, whom they concern, for receivers and callers.

    `ids` and `contact_ids` follow the order of the facts, whether a fact was new or not.
    """

    source: Source
    ids: list[UUID]
    contact_ids: list[int]
    moments: list[datetime]
    fresh_ids: frozenset[UUID]
    fresh_contact_ids: list[int]

    @property
    def fresh_count(self) -> int:
        """How many facts were not known before."""
        return len(self.fresh_ids)


@transaction.atomic
def record(facts: Sequence[Fact], *, source: Source, trusted: bool = True) -> Recorded:
    """Write 1 to 5,000 facts; afterwards each stands in the ledger once and its consequences are counted once.

    May be repeated: a fact known by (source, external id, moment) changes nothing. Facts without a moment get the
    one of their first arrival. `trusted` is False for what a public key sent: it fills empty fields only.
    Raises BadFactError for a moment out of bounds, TooManyFactsError. Call inside working_in.
    """
    if len(facts) > MOST_FACTS:
        raise TooManyFactsError(f"{len(facts)} facts; {MOST_FACTS} at most")
    received = to_milliseconds(now())
    give_moments(facts, source=source, now=received)
    for fact in facts:
        check_moment(fact.occurred_at or received, now=received)
    people = _people_of(facts)
    if any(fact.profile for fact in facts):
        enrich([(people[i][0], fact.profile) for i, fact in enumerate(facts) if fact.profile], trusted=trusted)
    return _write(facts, people, source, received)


def _people_of(facts: Sequence[Fact]) -> list[tuple[int, int | None]]:
    """(contact, identity) of each fact."""
    unnamed = [fact.hints for fact in facts if fact.contact_id is None]
    found = iter(resolve(unnamed)) if unnamed else iter(())
    return [(fact.contact_id, None) if fact.contact_id is not None else next(found) for fact in facts]


def _write(facts: Sequence[Fact], people: list[tuple[int, int | None]], source: Source, received: datetime) -> Recorded:
    workspace, codes = current_workspace_id(), codes_for(fact.kind for fact in facts)
    ids = [fact_id(workspace, source.pk, fact.external_id, fact.occurred_at) for fact in facts]  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute(read_sql("touchpoints/stage"))
        with cursor.copy("COPY touchpoints_stage FROM STDIN") as copy:
            copy.write("".join(_lines(facts, people, ids, codes)))
        cursor.execute(
            read_sql("touchpoints/insert_facts"),
            {"workspace": workspace, "source": source.pk, "received": received},
        )
        fresh = cursor.fetchall()
        recorded = Recorded(
            source=source,
            ids=ids,
            contact_ids=[contact for contact, _identity in people],
            moments=[fact.occurred_at for fact in facts],  # type: ignore[misc]
            fresh_ids=frozenset(row[0] for row in fresh),
            fresh_contact_ids=sorted({row[1] for row in fresh}),
        )
        if fresh:
            touchpoints_recorded.send(sender=Source, batch=recorded)
    return recorded


def _lines(
    facts: Sequence[Fact], people: list[tuple[int, int | None]], ids: list[UUID], codes: dict[str | int, int]
) -> list[str]:
    """The facts in COPY's text format."""
    lines = []
    for fact, (contact, identity), id_ in zip(facts, people, ids, strict=True):
        kind = BY_CODE.get(code := codes[fact.kind])
        channel = fact.channel or (int(kind.channel) if kind else 2)
        direction = fact.direction if fact.direction is not None else int(bool(kind and kind.is_outward))
        payload = _escape(json.dumps(fact.payload, ensure_ascii=False)) if fact.payload else "{}"
        lines.append(
            f"{id_}\t{fact.occurred_at.isoformat()}\t{contact}\t{_null(identity)}\t{_null(fact.actor_id)}\t{channel}"  # type: ignore[union-attr]
            f"\t{code}\t{direction}\t{_null(fact.campaign_id)}\t{_null(fact.sentiment_milli)}"
            f"\t{_null(fact.value_minor)}\t{_null(fact.currency)}\t{fact.weight_milli}\t{fact.certainty}"
            f"\t{_escape(fact.external_id)}\t{payload}\n"
        )
    return lines


def _null(value: object) -> str:
    return "\\N" if value is None else str(value)


def _escape(text: str) -> str:
    text = text.replace("\0", "").replace("\\u0000", "")
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "\t" in text or "\n" in text or "\r" in text:
        text = text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return text


__all__ = ["Fact", "Hint", "Recorded", "TooManyFactsError", "record"]
