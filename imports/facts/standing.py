"""The ledger made to say what the files say that stand: of some orders and visits, by their keys.

One way for a first file, a second one, a part of one, and for taking one back: all that files say of a key is put
together, what follows from it is compared with the facts that stand, and only the difference is written. What no longer
holds is voided by a Correction, never changed; what held once, was voided and holds again is corrected back.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import batched
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from imports.facts.attendance import facts_of_visit, told_of_visit
from imports.facts.keeping import Part, Stands, Word, drop_standing, facts_standing, keep_standing, words_on
from imports.facts.orders import facts_of_order, told_of_order
from imports.facts.telling import Said, Wanted
from touchpoints.correcting import Change, Field, correct
from touchpoints.facts import Fact
from touchpoints.recording import MOST_FACTS, record
from touchpoints.sources import source_for
from workspaces.current import current_workspace_id
from workspaces.languages import team_language

SOURCE = "imports"  # the ledger's name of everything that files bring; sql/remove_imported_with_facts.sql knows it


class Wish(NamedTuple):
    """A fact that is to stand, whose, and what tells it from another."""

    contact_id: int
    wanted: Wanted
    digest: UUID


def hold_records() -> None:
    """Let nobody else write or read records of this workspace until the transaction ends: one file after another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('imports.records'), %s)", [current_workspace_id() % 2**31]
        )


def told(words: Sequence[Said]) -> Said:
    """What these files say together of an order or a visit."""
    if not words:
        return {}
    return told_of_order(words) if words[0].get("of") == "order" else told_of_visit(words)


def facts_of(whole: Said) -> list[Wanted]:
    """The facts that follow."""
    if not whole:
        return []
    return facts_of_order(whole) if whole["of"] == "order" else facts_of_visit(whole)


def whose(words: Sequence[Word]) -> int | None:
    """Whose it is: the first file that says it counts, so that a fact stays where it was written."""
    return next((word.contact_id for word in words if word.contact_id), None)


def wishes(key: UUID, contact_id: int | None, facts: Sequence[Wanted]) -> dict[Part, Wish]:
    """These facts of a key, each with its place; none where nobody knows whose they are."""
    if contact_id is None:
        return {}
    return {(key, one.part): Wish(contact_id, one, one.digest(contact_id)) for one in facts}


def settle_anew(keys: Collection[UUID], *, by_id: int | None = None) -> int:
    """`settle` by what the files say of these keys now; returns how many facts no longer count. May be repeated.

    Of whom a file's words were erased nothing is moved: their facts stay as they are, for the sums.
    """
    wanted: dict[Part, Wish] = {}
    words = words_on(keys)
    kept = {key for key, some in words.items() if any(not word.said for word in some)}
    for key, some in words.items():
        if key not in kept:
            wanted |= wishes(key, whose(some), facts_of(told([word.said for word in some])))
    return settle(set(keys) - kept, wanted, by_id=by_id)


@transaction.atomic
def settle(keys: Collection[UUID], wanted: Mapping[Part, Wish], *, by_id: int | None = None) -> int:
    """Make the ledger say this and nothing else of these keys; returns how many no longer count in any form. May be repeated.

    Call after hold_records. A constant number of statements for 5,000 facts.
    """
    stands = facts_standing(keys)
    fresh = {place: one for place, one in wanted.items() if place not in stands or stands[place].digest != one.digest}
    gone = {place: one for place, one in stands.items() if place not in wanted or place in fresh}
    correct((Change(one.touchpoint_id, Field.DELETED, 1) for one in gone.values()), by_id=by_id)
    ids = _record(fresh, by_id)
    drop_standing([place for place in gone if place not in fresh])
    keep_standing({place: Stands(ids[place], one.digest) for place, one in fresh.items()})
    return len(gone.keys() - fresh.keys())


def _record(fresh: Mapping[Part, Wish], by_id: int | None) -> dict[Part, UUID]:
    """Write these; what the ledger held before and was voided counts again. Returns their ids."""
    if not fresh:
        return {}
    with team_language():
        source, ids = source_for(SOURCE, _("Imported files")), dict[Part, UUID]()
    again: list[UUID] = []
    for some in batched(fresh.items(), MOST_FACTS):
        recorded = record([_fact(place, one) for place, one in some], source=source)
        ids |= dict(zip((place for place, _one in some), recorded.ids, strict=True))
        if recorded.fresh_count < len(some):
            again += [id_ for id_ in recorded.ids if id_ not in recorded.fresh_ids]
    correct((Change(id_, Field.DELETED, 0) for id_ in again), by_id=by_id)
    return ids


def _fact(place: Part, wish: Wish) -> Fact:
    """Its external id names what it says: the same words are the same fact, however often they come and go."""
    one = wish.wanted
    return Fact(
        one.kind,
        f"{place[0].hex}:{one.part}:{wish.digest.hex}",
        one.at,
        contact_id=wish.contact_id,
        channel=one.channel,
        value_minor=one.value_minor,
        currency=one.currency,
        payload=one.payload,
    )
