"""Entering values of declared fields for one person, by hand or by a machine, and reading them back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from contacts.custom_fields.knowing import declared
from contacts.custom_fields.values import BadValueError, Written, held_text, read_value, shown_value
from contacts.history.saying import saying
from contacts.merging import everyone_in
from contacts.models import Contact, FieldDefinition, FieldValue
from contacts.news import contacts_changed
from lib.clock import now
from lib.once import once_a_page
from workspaces.auditing import audit
from workspaces.models import User


@dataclass(frozen=True, slots=True)
class Entered:
    """A field of one person: as it is kept, as people read it, and its moment where it has one."""

    field: FieldDefinition
    text: str
    shown: str
    moment: datetime | None = None


class BadValuesError(ValueError):
    """Values that their fields cannot hold: name → why. Nothing was written."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__(" ".join(wrong.values()))
        self.wrong = dict(wrong)


@transaction.atomic
def enter_values(contact: Contact, values: Mapping[str, Any], *, by: User | None) -> list[str]:
    """Declared fields of a person get these values; None or "" takes one away, also from who was merged into them.

    Returns the names of what changed. May be repeated. BadValuesError; nothing is written then.
    """
    known = declared(values)
    wanted, wrong = dict[str, Written | None](), dict[str, str]()
    held = {one.field.name: one for one in values_of(contact, list(known.values()))}
    for name, value in values.items():
        field = known[name]
        stood = held.get(field.name)
        try:
            wanted[field.name] = _kept(field, value, stood)
        except BadValueError as error:
            wrong[name] = str(error)
    if wrong:
        raise BadValuesError(wrong)
    changed = [
        name for name, new in wanted.items() if (new.text if new else "") != (held[name].text if name in held else "")
    ]
    with saying("by hand", by_id=by.pk if by else None):
        for name in changed:
            _write(contact, name, wanted[name])
    if changed:
        audit("contact.edited", by=by, target=contact, fields=changed)
        contacts_changed.tell(contact_ids=[contact.pk])
    return changed


def values_of(contact: Contact, fields: Sequence[FieldDefinition]) -> list[Entered]:
    """What a person has in these fields, in their order: of everybody merged into them the newest. Two statements."""
    newest = _newest_of(contact.pk, tuple(one.name for one in fields))
    return [
        Entered(
            field,
            held_text(row.text, row.number, row.moment),
            shown_value(field, row.text, row.number, row.moment),
            row.moment,
        )
        for field in fields
        if (row := newest.get(field.name)) is not None
    ]


@once_a_page
def _newest_of(contact_id: int, names: tuple[str, ...]) -> dict[str, FieldValue]:
    rows = FieldValue.objects.filter(contact__in=everyone_in(contact_id), name__in=names)
    return {row.name: row for row in rows.order_by("updated_at", "pk")}


def _kept(field: FieldDefinition, value: Any, stood: Entered | None) -> Written | None:
    """The value as it is to be written; who keeps an archived choice, or what never fitted, may save it again."""
    try:
        return read_value(field, value)
    except BadValueError:
        if stood is not None and value == stood.text:
            return Written(stood.text)
        raise


def _write(contact: Contact, name: str, new: Written | None) -> None:
    if new is None:
        FieldValue.objects.filter(contact__in=everyone_in(contact.pk), name=name).delete()
        return
    FieldValue.objects.update_or_create(
        contact=contact,
        name=name,
        defaults={"text": new.text, "number": new.number, "moment": new.moment, "updated_at": now()},
    )
