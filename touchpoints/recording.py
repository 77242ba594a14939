"""The one door into the ledger.

COPY into a temporary stage → resolve people → INSERT … ON CONFLICT DO NOTHING → news that carries the rows which were
really new → scores, day counts, segment dirt, all in one transaction: a retry cannot count twice.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from contacts.channels import Channel
from contacts.enriching import enrich
from contacts.models import Contact, Identity, Merged
from contacts.resolving import Hint, resolve
from lib.cleaning import without_nul
from lib.clock import now, to_milliseconds
from lib.foreign_json import clean
from lib.sql import load_sql
from touchpoints.facts import Fact, check_moment, fact_id
from touchpoints.kind_codes import codes_for
from touchpoints.kinds import BY_CODE
from touchpoints.models import Source
from touchpoints.news import touchpoints_recorded
from touchpoints.rows import Row, columns_of
from touchpoints.timestamps import give_moments
from workspaces.current import current_workspace_id
from workspaces.surveying import survey

MOST_FACTS = 5_000
DEVICE_ONLY = int(Identity.Kind.DEVICE)


class TooManyFactsError(ValueError):
    """More facts than one batch may hold."""


@dataclass(frozen=True)
class Recorded:
    """What a batch did: how many facts came, which of them were new, whom they concern, for receivers and callers.

    `ids` and `contact_ids` follow the order of the facts, whether a fact was new or not; `rows` are the new ones, each
    once. A receiver may record again: nothing here lives outside this object.
    """

    source: Source
    ids: list[UUID]
    contact_ids: list[int]
    moments: list[datetime]
    rows: tuple[Row, ...]

    @property
    def fresh_count(self) -> int:
        """How many facts were not known before."""
        return len(self.rows)

    @cached_property
    def fresh_ids(self) -> frozenset[UUID]:
        """The ids of the new facts."""
        return frozenset(row.id for row in self.rows)

    @cached_property
    def fresh_contact_ids(self) -> list[int]:
        """Whom the new facts concern."""
        return sorted({row.contact_id for row in self.rows})

    @cached_property
    def columns(self) -> dict[str, str | int]:
        """The new rows as parameters of a statement over touchpoints.rows.rows_sql."""
        return columns_of(self.rows)


@transaction.atomic
def record(facts: Sequence[Fact], *, source: Source, trusted: bool = True) -> Recorded:
    """Write 1 to 5,000 facts; afterwards each stands in the ledger once and its consequences are counted once.

    May be repeated: a fact known by (source, external id, moment) changes nothing. Facts with an id from outside, or
    without a moment, get the moment of their first arrival. `trusted` is False for what a public key sent: it fills
    empty fields only.
    Raises BadFactError for a moment out of bounds, TooManyFactsError. Call inside working_in.
    """
    if len(facts) > MOST_FACTS:
        raise TooManyFactsError(f"{len(facts)} facts; {MOST_FACTS} at most")
    survey(Contact, Identity, Merged)
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
    rows = [
        _row(fact, contact, codes[fact.kind], workspace, source)
        for fact, (contact, _identity) in zip(facts, people, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(load_sql("touchpoints/stage"))
        with cursor.copy("COPY touchpoints_stage FROM STDIN") as copy:
            copy.write("".join(_lines(facts, people, rows)))
        cursor.execute(
            load_sql("touchpoints/insert_facts"), {"workspace": workspace, "source": source.pk, "received": received}
        )
        fresh = [row[0] for row in cursor.fetchall()]
    recorded = Recorded(
        source=source,
        ids=[row.id for row in rows],
        contact_ids=[contact for contact, _identity in people],
        moments=[row.occurred_at for row in rows],
        rows=tuple(rows if len(fresh) == len(rows) else _first_of_each(rows, set(fresh))),
    )
    if fresh:
        touchpoints_recorded.tell(batch=recorded)
    return recorded


def _first_of_each(rows: Sequence[Row], ids: set[UUID]) -> Iterable[Row]:
    """Of two equal facts in one batch the first counts: only that one is staged."""
    return {row.id: row for row in reversed(rows) if row.id in ids}.values()


def _row(fact: Fact, contact: int, code: int, workspace: int, source: Source) -> Row:
    kind = BY_CODE.get(code)
    moment: datetime = fact.occurred_at  # type: ignore[assignment]  # give_moments gave one to all
    return Row(
        fact_id(workspace, source.pk, fact.external_id, moment),
        moment,
        contact,
        fact.channel or (int(kind.channel) if kind else Channel.WEB.value),
        code,
        fact.direction if fact.direction is not None else int(bool(kind and kind.is_outward)),
        fact.message_id,
        fact.sentiment_milli,
        fact.value_minor,
        fact.weight_milli,
        fact.certainty,
    )


def _lines(facts: Sequence[Fact], people: list[tuple[int, int | None]], rows: Sequence[Row]) -> list[str]:
    """The facts in COPY's text format, each once."""
    lines = []
    seen: set[UUID] = set()
    for fact, (contact, identity), row in zip(facts, people, rows, strict=True):
        if row.id in seen:
            continue
        seen.add(row.id)
        payload = _escape(_as_json(fact.payload)) if fact.payload else "{}"
        lines.append(
            f"{row.id}\t{row.occurred_at.isoformat()}\t{contact}\t{_null(identity)}\t{_null(fact.actor_id)}"
            f"\t{row.channel}\t{row.kind}\t{row.direction}\t{_null(fact.message_id)}\t{_null(fact.sentiment_milli)}"
            f"\t{_null(fact.value_minor)}\t{_null(fact.currency)}\t{fact.weight_milli}\t{fact.certainty}"
            f"\t{_escape(fact.external_id)}\t{payload}\n"
        )
    return lines


def _as_json(payload: Mapping[str, Any]) -> str:
    """As JSON that PostgreSQL stores: whatever door it came by, a text in it holds no NUL."""
    text = json.dumps(payload, ensure_ascii=False)
    return json.dumps(clean(dict(payload)), ensure_ascii=False) if "\\u0000" in text else text


def _null(value: object) -> str:
    return "\\N" if value is None else str(value)


def _escape(text: str) -> str:
    text = without_nul(text)
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "\t" in text or "\n" in text or "\r" in text:
        text = text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return text


__all__ = ["Fact", "Hint", "Recorded", "TooManyFactsError", "record"]
