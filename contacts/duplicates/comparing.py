"""Comparing two contacts side by side: each field of both, which one is proposed, who is proposed to stay."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from contacts.fields import ContactField, FieldType, Place, fields_at
from contacts.merging import everyone_in
from contacts.models import Contact, FieldValue, Identity


@dataclass(frozen=True)
class Field:
    """One field of two people: what each has, as it is written, and whether the loser's value is the newer one."""

    name: str
    label: str | Promise
    of_survivor: Any
    of_loser: Any
    number: float | None = None
    moment: datetime | None = None
    is_newer: bool = False

    @property
    def is_same(self) -> bool:
        return bool(self.of_survivor == self.of_loser)

    @property
    def proposed(self) -> Any:
        """What stands after the merge unless somebody chooses otherwise: the newer one, else what the survivor has."""
        return self.of_loser if self.is_newer or not self.of_survivor else self.of_survivor


def compare_fields(survivor: Contact, loser: Contact) -> list[Field]:
    """Every field that one of them has. Email addresses and phone numbers are kept both, so only an empty one is filled."""
    found = [
        Field(one.name, one.label, getattr(survivor, one.name), getattr(loser, one.name))
        for one in fields_at(Place.FORM)
        if _is_written(one)
    ]
    ours, theirs = _custom(survivor), _custom(loser)
    for name in sorted({*ours, *theirs}):
        here, there = ours.get(name), theirs.get(name)
        found.append(
            Field(
                name,
                name,
                _text(here),
                _text(there),
                number=there.number if there else None,
                moment=there.moment if there else None,
                is_newer=bool(here and there and there.updated_at > here.updated_at),
            )
        )
    return [one for one in found if one.of_survivor or one.of_loser]


def proposed_survivor(left: Contact, right: Contact) -> int:
    """Who stays, unless somebody says otherwise: whose ways to reach are better proven, then who is known longer."""
    return max((left, right), key=lambda one: (*_proof(one), -one.pk)).pk


def _is_written(field: ContactField) -> bool:
    return field.type is FieldType.TEXT


def _custom(contact: Contact) -> dict[str, FieldValue]:
    """The newest value of each custom field of the person."""
    rows = FieldValue.objects.filter(contact__in=everyone_in(contact.pk)).order_by("updated_at", "pk")
    return {row.name: row for row in rows}


def _text(row: FieldValue | None) -> str:
    return "" if row is None else row.text or str(row.number if row.number is not None else row.moment or "")


def _proof(contact: Contact) -> tuple[int, int]:
    rows = Identity.objects.filter(contact__in=everyone_in(contact.pk), former_since=None)
    return (
        sum(row.verified_at is not None or row.kind == Identity.Kind.EXTERNAL_ID for row in rows),
        len(rows),
    )
