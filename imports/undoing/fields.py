"""What a run wrote of people who were there before: fields go back where they still are what the file said."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.dateparse import parse_datetime

from contacts.custom_fields.values import Written
from contacts.fields import Place, names_at
from contacts.history.reading import OWNER, PHONE
from contacts.history.saying import saying
from contacts.loading import change_people, load_values, open_stage, read_people, read_values
from contacts.models import AudienceRole, Contact, FieldChange, FieldValue, Identity, Position, Tag
from contacts.owning import is_member
from contacts.reaching import Chosen, addresses_in_use, use_addresses
from imports.models import ImportedRow, ImportRun

Spot = tuple[int, str]  # contact, field


class Wrote(NamedTuple):
    """What a run made of a field: what stood there before it, what since."""

    before: Any
    after: Any


def put_fields_back(contact_ids: Collection[int], run: ImportRun) -> tuple[int, int]:
    """Each field stands as before the run, where it still is what the run wrote and nobody else said anything since.

    Returns how many fields went back and how many stay. A constant number of statements for the fields of a file.
    """
    wrote = _written_by(contact_ids, run)
    if not wrote:
        return 0, 0
    stands = _standing(wrote)
    later = _said_since(wrote, run)
    back = {
        spot: one.before
        for spot, one in wrote.items()
        if spot not in later and spot[0] not in later and _alike(stands.get(spot), one.after)
    }
    with saying(f"{run.source} undone"[:120], by_id=run.undo.get("by")):
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
    return {"tags": tags, "roles": roles, "companies": places, "identities": identities}


def _written_by(contact_ids: Collection[int], run: ImportRun) -> dict[Spot, Wrote]:
    rows = FieldChange.objects.filter(contact__in=list(contact_ids), source=run.source).order_by("pk")
    wrote: dict[Spot, Wrote] = {}
    for contact, changes in rows.values_list("contact_id", "changes"):
        for name, (before, after) in changes.items():
            first = wrote.get((contact, name))
            wrote[contact, name] = Wrote(first.before if first else before, after)
    return wrote


def _said_since(wrote: Mapping[Spot, Wrote], run: ImportRun) -> set[Any]:
    """Fields that somebody else changed after the run, and people whom a later file named: it may have said the same."""
    people = {contact for contact, _name in wrote}
    ours = FieldChange.objects.filter(contact__in=list(people), source=run.source).order_by("-pk")
    last: dict[Spot, int] = {}
    for pk, contact, changes in ours.values_list("pk", "contact_id", "changes"):
        for name in changes:
            last.setdefault((contact, name), pk)
    since: set[Any] = set()
    others = FieldChange.objects.filter(contact__in=list(people), pk__gt=min(last.values())).exclude(source=run.source)
    for pk, contact, changes in others.values_list("pk", "contact_id", "changes"):
        since.update((contact, name) for name in changes if last.get((contact, name), pk) < pk)
    named = ImportedRow.objects.filter(
        contact_id_made__in=list(people), run__gt=run.pk, outcome__in=["same", "updated", "suppressed"]
    )
    undone = [ImportRun.State.UNDONE, ImportRun.State.UNDOING]
    return since | set(named.exclude(run__state__in=undone).values_list("contact_id_made", flat=True))


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
    rows = ImportedRow.objects.filter(run=run, outcome="created", contact_id_made__in=list(contact_ids))
    return {one for one in rows.values_list("contact_id_made", flat=True) if one}
