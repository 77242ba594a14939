"""The ledger made to say what the files say that stand: of some orders and visits, by their keys.

One way for a first file, a second one, a part of one, and for taking one back: all that files say of a key is put
together, what follows from it is compared with the facts that stand, and only the difference is written. What no longer
holds is voided by a Correction, never changed; what held once, was voided and holds again is corrected back.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import batched
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from imports.facts.attendance import facts_of_visit, told_of_visit
from imports.facts.orders import facts_of_order, told_of_order
from imports.facts.telling import Said, Wanted
from imports.models import ImportedRecord, StandingFact
from touchpoints.correcting import Change, Field, correct
from touchpoints.facts import Fact
from touchpoints.recording import MOST_FACTS, record
from touchpoints.sources import source_for
from workspaces.current import current_workspace_id

SOURCE = "imports"  # the ledger's name of everything that files bring; sql/remove_imported_with_facts.sql knows it
Part = tuple[UUID, str]


class Word(NamedTuple):
    """What one file said of a key."""

    run_id: int
    line: int
    contact_id: int | None
    said: Said


def hold_records() -> None:
    """Let nobody else write or read records of this workspace until the transaction ends: one file after another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('imports.records'), %s)", [current_workspace_id() % 2**31]
        )


def words_on(keys: Collection[UUID]) -> dict[UUID, list[Word]]:
    """What files say of these keys, the earliest file first. One statement."""
    rows = ImportedRecord.objects.filter(key__in=list(keys)).order_by("run_id")
    found: dict[UUID, list[Word]] = defaultdict(list)
    for key, *word in rows.values_list("key", "run_id", "line", "contact_id", "said"):
        found[key].append(Word(*word))
    return found


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


@transaction.atomic
def settle(keys: Collection[UUID], *, by_id: int | None = None) -> int:
    """Make the ledger say what the files say of these keys; returns how many facts it voided. May be repeated.

    Call after hold_records. A constant number of statements for 5,000 facts. Of whom a file's words were erased nothing
    is moved: their facts stay as they are, for the sums.
    """
    wanted, kept = _wanted(keys)
    stands = {(row.key, row.part): row for row in StandingFact.objects.filter(key__in=list(set(keys) - kept))}
    fresh = {
        place: one
        for place, one in wanted.items()
        if place not in stands or stands[place].digest != one[1].digest(one[0])
    }
    gone = [row for place, row in stands.items() if place not in wanted or place in fresh]
    correct((Change(row.touchpoint_id, Field.DELETED, 1) for row in gone), by_id=by_id)
    ids = _record(fresh, by_id)
    ended = [row for row in gone if (row.key, row.part) not in fresh]
    if ended:
        StandingFact.objects.filter(touchpoint_id__in=[row.touchpoint_id for row in ended]).delete()
    StandingFact.objects.bulk_create(
        (
            StandingFact(key=key, part=part, touchpoint_id=ids[key, part], digest=one.digest(contact))
            for (key, part), (contact, one) in fresh.items()
        ),
        update_conflicts=True,
        unique_fields=["workspace", "key", "part"],
        update_fields=["touchpoint_id", "digest"],
    )
    return len(gone)


def _wanted(keys: Collection[UUID]) -> tuple[dict[Part, tuple[int, Wanted]], set[UUID]]:
    """Which facts are to stand, and whose; and the keys of which nothing may be moved."""
    wanted: dict[Part, tuple[int, Wanted]] = {}
    kept = set[UUID]()
    for key, words in words_on(keys).items():
        if any(not word.said for word in words):
            kept.add(key)
        elif contact := whose(words):
            for one in facts_of(told([word.said for word in words])):
                wanted[key, one.part] = contact, one
    return wanted, kept


def _record(fresh: Mapping[Part, tuple[int, Wanted]], by_id: int | None) -> dict[Part, UUID]:
    """Write these; what the ledger held before and was voided counts again. Returns their ids."""
    if not fresh:
        return {}
    source, ids = source_for(SOURCE, _("Imported files")), dict[Part, UUID]()
    again: list[UUID] = []
    for some in batched(fresh.items(), MOST_FACTS):
        recorded = record([_fact(place, *one) for place, one in some], source=source)
        ids |= dict(zip((place for place, _one in some), recorded.ids, strict=True))
        again += [id_ for id_ in recorded.ids if id_ not in recorded.fresh_ids]
    correct((Change(id_, Field.DELETED, 0) for id_ in again), by_id=by_id)
    return ids


def _fact(place: Part, contact: int, one: Wanted) -> Fact:
    """Its external id names what it says: the same words are the same fact, however often they come and go."""
    return Fact(
        one.kind,
        f"{place[0].hex}:{one.part}:{one.digest(contact).hex}",
        one.at,
        contact_id=contact,
        channel=one.channel,
        value_minor=one.value_minor,
        currency=one.currency,
        payload=one.payload,
    )
