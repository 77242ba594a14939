"""Contacts as the API answers them: a set in a constant number of statements, whole persons with all that was merged."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from contacts.api.shapes import NUMBERED, kind_word, own_fields, word_of
from contacts.merging import survivor_of
from contacts.models import Audience, AudienceRole, Contact, FieldValue, Identity, Merged, Tag
from contacts.reaching import addresses_in_use
from lib.rooms import house
from workspaces.api.problems import nothing_here
from workspaces.models import User


def find_contact(pk: int) -> Contact:
    """Who stands for this contact today. Problem 404 for nobody, and for who was erased."""
    found = Contact.objects.filter(pk=survivor_of(pk), erased_at=None).first()
    if found is None:
        raise nothing_here("contact")
    return found


def read_contact(pk: int) -> dict[str, Any]:
    """One contact."""
    return read_contacts([pk])[0]


def read_contacts(ids: Sequence[int]) -> list[dict[str, Any]]:
    """These contacts, who stand for themselves, in this order."""
    if not ids:
        return []
    people = Contact.objects.in_bulk(list(ids))
    owner = {one: one for one in ids}
    owner |= dict(Merged.objects.filter(survivor__in=ids).values_list("loser_id", "survivor_id"))
    everybody = list(owner)
    identities, fields, tags, roles = (_of(owner, rows) for rows in _rows(everybody))
    owners = User.objects.in_bulk([one.owner_id for one in people.values() if one.owner_id])
    phones = addresses_in_use(everybody, [Identity.Kind.PHONE])
    parts = {name: part.values(ids) for name, part in house.contact_parts.items()}
    return [
        {
            "id": pk,
            **_own(people[pk]),
            "phone": _phone(pk, phones, owner),
            "fields": {row.name: _value(row) for row in fields[pk]},
            "tags": list({row.name: {"id": row.pk, "name": row.name} for row in tags[pk]}.values()),
            "roles": list(dict.fromkeys(Audience(row.role).name.lower() for row in roles[pk])),
            "identities": [identity_shape(row) for row in identities[pk]],
            "merged_ids": [one for one, stands in owner.items() if stands == pk != one],
            "owner": _owner(owners.get(people[pk].owner_id or 0)),
            "created_at": people[pk].created_at,
            **{name: parts[name].get(pk, part.empty) for name, part in house.contact_parts.items()},
        }
        for pk in ids
    ]


def identity_shape(row: Identity) -> dict[str, Any]:
    """One identity."""
    return {
        "id": row.pk,
        "kind": kind_word(row.kind),
        "value": row.value,
        "is_verified": row.verified_at is not None,
        "is_former": row.former_since is not None,
        "is_shared": row.shared_key != 0,
        "evidence": row.evidence,
        "created_at": row.created_at,
    }


def _rows(everybody: Sequence[int]) -> tuple[Any, ...]:
    return (
        Identity.objects.filter(contact__in=everybody).order_by("kind", "pk"),
        FieldValue.objects.filter(contact__in=everybody).order_by("updated_at", "pk"),
        Tag.objects.filter(contact__in=everybody).order_by("name", "pk"),
        AudienceRole.objects.filter(contact__in=everybody, until=None).order_by("role"),
    )


def _of(owner: dict[int, int], rows: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[owner[row.contact_id]].append(row)
    return found


def _own(contact: Contact) -> dict[str, Any]:
    values = {one.name: getattr(contact, one.name) for one in own_fields()}
    return {name: word_of(name, value) if name in NUMBERED else value for name, value in values.items()}


def _owner(user: User | None) -> dict[str, str] | None:
    return {"email": user.email, "name": str(user)} if user else None


def _phone(pk: int, phones: dict[tuple[int, int], str], owner: dict[int, int]) -> str:
    """Their own in use, else that of somebody who turned out to be them."""
    kind = int(Identity.Kind.PHONE)
    return phones.get((pk, kind)) or next(
        (value for (contact, _kind), value in sorted(phones.items()) if owner[contact] == pk), ""
    )


def _value(row: FieldValue) -> Any:
    if row.number is not None:
        return int(row.number) if row.number.is_integer() and abs(row.number) < 1e15 else row.number
    return row.moment.isoformat() if row.moment is not None and not row.text else row.text
