"""What a run wrote of people who were there before: fields go back where they still are what the file said."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.dateparse import parse_datetime

from contacts.custom_fields.values import Written
from contacts.fields import Place, names_at
from contacts.history.reading import OWNER, PHONE
from contacts.history.saying import LONGEST, saying
from contacts.loading import change_people, load_values, open_stage, read_people, read_values
from contacts.models import AudienceRole, Contact, FieldChange, FieldValue, Identity, Position, Tag
from contacts.owning import is_member
from contacts.reaching import Chosen, addresses_in_use, use_addresses
from imports.models import ImportedRow, ImportRun

Spot = tuple[int, str]  # contact, field
TAKEN_BACK = [ImportRun.State.UNDONE, ImportRun.State.UNDOING]


class Wrote(NamedTuple):
    """What a run made of a field: what stood there before it, what since."""

    before: Any
    after: Any


def put_fields_back(contact_ids: Collection[int], run: ImportRun) -> tuple[int, int]:
    """Each field stands as before the run, where it still is what the run wrote and nobody else said anything since.

    Returns how many fields went back and how many stay. A constant number of statements for the fields of a file.
    """
    wrote, later = _written_by(contact_ids, run)
    if not wrote:
        return 0, 0
    stands = _standing(wrote)
    back = {
        spot: one.before for spot, one in wrote.items() if spot not in later and _alike(stands.get(spot), one.after)
    }
    with saying(_taking_back(run.source), by_id=run.undo.get("by")):
        _put_back(back)
    return len(back), len(wrote) - len(back)


def take_marks_away(contact_ids: Collection[int], run: ImportRun) -> dict[str, int]:
    """Tags, roles, companies and ways to recognise these people that the run added go; what was proved or is used since stays."""
    ids = list(contact_ids)
    tags = Tag.objects.filter(contact__in=ids, source=run.source).delete()[0]
    roles = AudienceRole.objects.filter(contact__in=ids, source=run.source, until=None).delete()[0]
    places = Position.objects.filter(contact__in=ids, source=run.source, until=None).delete()[0]
    added = Identity.objects.filter(contact__in=ids, evidence=run.source, verified_at=None)
    used = addresses_in_use(ids, [Identity.Kind.EMAIL, Identity.Kind.PHONE])
    going = [row.pk for row in added if used.get((row.contact_id, row.kind)) != row.value]
    identities = Identity.objects.filter(pk__in=going).delete()[0]
    _hand_on([row for row in added if row.pk not in set(going)], run)
    return {"tags": tags, "roles": roles, "companies": places, "identities": identities}


def _hand_on(rows: Sequence[Identity], run: ImportRun) -> None:
    """What stays in use of somebody whom a later file names is of that file from now on: it goes with it."""
    living = _named_by_living([row.contact_id for row in rows], run) if rows else {}
    sources = {one.pk: one.source for one in ImportRun.objects.filter(pk__in=set(living.values()))} if living else {}
    for row in rows:
        if (number := living.get(row.contact_id, 0)) > run.pk:
            row.evidence = sources[number]
    Identity.objects.bulk_update(rows, ["evidence"])


def _written_by(contact_ids: Collection[int], run: ImportRun) -> tuple[dict[Spot, Wrote], set[Spot]]:
    """What the run made of each field, and which of these fields somebody else said since: read from the newest change on.

    Files that are undone do not count as somebody else, and what they wrote before this one is no value to go back to.
    """
    undone = undone_beside(contact_ids, run)
    mine = {run.source: run.pk} | undone
    ours = mine | {_taking_back(source): pk for source, pk in mine.items()}
    living = _named_by_living(contact_ids, run)
    rows = FieldChange.objects.filter(contact__in=list(contact_ids)).order_by("-pk")
    wrote: dict[Spot, Wrote] = {}
    ended, touched = set[Spot](), set[Spot]()
    for contact, source, changes in rows.values_list("contact_id", "source", "changes"):
        for name, (before, after) in changes.items():
            spot = contact, name
            if source == run.source:
                touched.add(spot)
            if spot in ended:
                continue
            if source not in ours or living.get(contact, 0) > ours[source]:
                ended.add(spot)
                continue
            wrote[spot] = Wrote(before, wrote[spot].after if spot in wrote else after)
    later = touched - wrote.keys()
    moved = {spot: one for spot, one in wrote.items() if one.before != one.after}
    return moved | {spot: Wrote(None, None) for spot in later}, later


def _taking_back(source: str) -> str:
    """What the changes say that take back what this source wrote."""
    return f"{source} undone"[:LONGEST]


def undone_beside(contact_ids: Collection[int], run: ImportRun) -> dict[str, int]:
    """Source → number, of the other files that named any of these people and are undone by now, or nearly."""
    rows = ImportedRow.objects.filter(contact_id_made__in=list(contact_ids), run__state__in=TAKEN_BACK)
    runs = ImportRun.objects.filter(pk__in=rows.exclude(run=run).values("run"))
    return {one.source: one.pk for one in runs.only("pk", "file_name")}


def _named_by_living(contact_ids: Collection[int], run: ImportRun) -> dict[int, int]:
    """Contact → the last other file that names them and stands: it may have said the same, which no history tells."""
    rows = ImportedRow.objects.filter(
        contact_id_made__in=list(contact_ids), outcome__in=["same", "updated", "suppressed"]
    )
    rows = rows.exclude(run=run).exclude(run__state__in=TAKEN_BACK)
    last: dict[int, int] = {}
    for contact, number in rows.values_list("contact_id_made", "run"):
        last[contact or 0] = max(last.get(contact or 0, 0), number)
    return last


def _standing(wrote: Mapping[Spot, Wrote]) -> dict[Spot, Any]:
    """What stands there now, as the history writes it."""
    ids = sorted({contact for contact, _name in wrote})
    own = set(names_at(Place.IMPORT))
    custom = {name for _contact, name in wrote} - own - {PHONE, OWNER}
    stands: dict[Spot, Any] = {}
    for contact, fields in read_people(ids).items():
        stands |= {(contact, name): value for name, value in fields.items()}
    for (contact, name), (text, number, moment) in read_values(ids, custom).items():
        stands[contact, name] = text if number is None and moment is None else (text, number, moment)
    owners = Contact.objects.filter(pk__in=ids).values_list("pk", "owner_id")
    stands |= {(contact, OWNER): owner for contact, owner in owners}
    numbers = addresses_in_use(ids, [Identity.Kind.PHONE])
    return stands | {(contact, PHONE): value for (contact, _kind), value in numbers.items()}


def _alike(stands: Any, said: Any) -> bool:
    if isinstance(said, dict):
        return _typed(said) == (stands if isinstance(stands, tuple) else (stands, None, None))
    return bool(stands == said)


def _typed(said: Mapping[str, Any]) -> tuple[Any, ...]:
    moment = said.get("moment")
    return said.get("text", ""), said.get("number"), parse_datetime(moment) if moment else None


def _put_back(back: Mapping[Spot, Any]) -> None:
    own = set(names_at(Place.IMPORT)) - {"email"}
    columns: dict[int, dict[str, str]] = defaultdict(dict)
    values: dict[int, dict[str, Any]] = defaultdict(dict)
    gone: dict[str, list[int]] = defaultdict(list)
    owned: dict[int | None, list[int]] = defaultdict(list)
    chosen: list[Chosen] = []
    for (contact, name), before in back.items():
        if name in own:
            columns[contact][name] = before
        elif name == "email":
            chosen.append(Chosen(contact, Identity.Kind.EMAIL, before))
        elif name == OWNER:
            owned[before].append(contact)
        elif name == PHONE:
            chosen.append(Chosen(contact, Identity.Kind.PHONE, before))
        elif before is None:
            gone[name].append(contact)
        else:
            values[contact][name] = Written(*_typed(before)) if isinstance(before, dict) else Written(before)
    for owner, people in owned.items():
        Contact.objects.filter(pk__in=people).update(owner_id=owner if owner and is_member(owner) else None)
    open_stage()
    change_people(list(columns.items()))
    load_values(values.items())
    for name, people in gone.items():
        FieldValue.objects.filter(contact__in=people, name=name).delete()
    use_addresses(chosen)


def people_made(contact_ids: Sequence[int], run: ImportRun) -> set[int]:
    """Of these those whom the run made on any of its lines."""
    rows = ImportedRow.objects.filter(run=run, is_new=True, contact_id_made__in=list(contact_ids))
    return {one for one in rows.values_list("contact_id_made", flat=True) if one}
