"""One value for a field of many people: of the table's fields those that name nobody, or one of the workspace's own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.custom_fields.knowing import field_named
from contacts.custom_fields.values import BadValueError, read_number, read_value
from contacts.enriching import LONGEST_NAME, LONGEST_TEXT, enrich, types_in_use
from contacts.fields import ContactField, FieldType, Place, Sensitivity, field_at, fields_at, reserved_names
from contacts.folding import folded
from contacts.models import Contact, FieldValue
from contacts.news import contacts_changed
from segments.people.bulk.base import Before, BulkError, BulkVerb, Doing
from workspaces.current import current_workspace
from workspaces.models import check_zone


def settable_fields() -> list[ContactField]:
    """The fields of the table that somebody may set for many: texts that name nobody and are no wish of theirs."""
    return [
        one
        for one in fields_at(Place.FORM)
        if one.sensitivity is Sensitivity.PERSONAL and one.type is FieldType.TEXT and Place.API in one.places
    ]


class SetField(BulkVerb):
    name = "set_field"
    label = gettext_lazy("Change a field")

    def read(self, post: QueryDict) -> dict[str, Any]:
        name, value = post.get("field", "").strip(), post.get("value", "").strip()
        own = next((one for one in settable_fields() if one.name == name), None)
        if own is not None:
            return {"field": name, "value": _own_value(own, value), "only_empty": "only_empty" in post}
        if not name or len(name) > LONGEST_NAME or name in reserved_names() or field_at(Place.SEGMENT, name):
            raise BulkError(_("Choose a field."))
        if len(value) > LONGEST_TEXT:
            raise BulkError(_("A value has at most %(n)s characters.") % {"n": LONGEST_TEXT})
        return {"field": name, "value": _custom_value(name, value), "only_empty": "only_empty" in post}

    def apply(self, people: Sequence[int], doing: Doing) -> Before:
        name, value = doing.argument["field"], doing.argument["value"]
        stood = _values(people, name)
        empty = "" if _is_own(name) else None
        only = [one for one in people if not doing.argument["only_empty"] or stood.get(one) in ("", None)]
        _write(name, dict.fromkeys(only, value))
        stands = _values(only, name)
        changed = {one for one in only if stands.get(one, empty) != stood.get(one, empty)}
        return {one: {"was": stood.get(one), "is": stands.get(one)} for one in changed}

    def undo(self, before: Before, doing: Doing) -> set[int]:
        name = doing.argument["field"]
        stands = _values(list(before), name)
        back = {person: one["was"] for person, one in before.items() if stands.get(person) == one["is"]}
        _restore(name, back)
        return set(back)

    def said(self, argument: Mapping[str, Any]) -> str:
        own = field_at(Place.SEGMENT, argument["field"])
        label = own.label if own else argument["field"]
        if argument["value"] == "":
            return _("%(field)s emptied") % {"field": label}
        return _("%(field)s set to “%(value)s”") % {"field": label, "value": argument["value"]}


def _is_own(name: str) -> bool:
    return any(one.name == name for one in settable_fields())


def _own_value(field: ContactField, value: str) -> str:
    if field.name == "country":
        value = value.upper()
        if value and not (len(value) == 2 and value.isascii() and value.isalpha()):
            raise BulkError(_("A country is two letters, such as SE."))
    if field.name == "zone" and value:
        try:
            check_zone(value)
        except ValidationError as error:
            raise BulkError(" ".join(error.messages)) from error
    if field.length and len(value) > field.length:
        raise BulkError(_("A value has at most %(n)s characters.") % {"n": field.length})
    return value


def _custom_value(name: str, value: str) -> Any:
    """The value in the type that the field has for everybody else. BulkError where it does not fit."""
    field = field_named(name)
    if field is not None and value:
        try:
            written = read_value(field, value)
        except BadValueError as error:
            raise BulkError(str(error)) from error
        return written.text if written else ""
    kind = types_in_use([name]).get(name) if value else None
    if kind == "number":
        try:
            return read_number(value).number
        except BadValueError as error:
            raise BulkError(_("“%(field)s” holds numbers.") % {"field": name}) from error
    if kind == "moment":
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise BulkError(_("“%(field)s” holds dates, such as 2026-05-31.") % {"field": name}) from error
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(current_workspace().zone))).isoformat()
    return value


def _values(people: Sequence[int], name: str) -> dict[int, Any]:
    """What each of these has there: a text of the table, or a custom field's row as JSON."""
    if _is_own(name):
        return dict(Contact.objects.filter(pk__in=list(people)).values_list("pk", name))
    rows = FieldValue.objects.filter(contact__in=list(people), name=name)
    return {
        contact: [text, number, moment.isoformat() if moment else None]
        for contact, text, number, moment in rows.values_list("contact_id", "text", "number", "moment")
    }


def _write(name: str, values: Mapping[int, Any]) -> None:
    if _is_own(name):
        _restore(name, values)
    elif any(value == "" for value in values.values()):
        FieldValue.objects.filter(contact__in=list(values), name=name).delete()
        contacts_changed.tell(contact_ids=sorted(values))
    elif values:
        enrich([(person, {name: value}) for person, value in values.items()])


def _restore(name: str, values: Mapping[int, Any]) -> None:
    """Each of these has this value again; a custom field as its row was, None for none."""
    if not values:
        return
    if _is_own(name):
        twin = next(one for one in settable_fields() if one.name == name)
        for value in set(values.values()):
            people = [person for person, one in values.items() if one == value]
            more = {twin.folded: folded(value, twin.length)} if twin.is_words else {}
            Contact.objects.filter(pk__in=people).update(**{name: value}, **more)
    else:
        gone = [person for person, row in values.items() if row is None]
        FieldValue.objects.filter(contact__in=gone, name=name).delete()
        back = [
            FieldValue(
                contact_id=person,
                name=name,
                text=row[0],
                number=row[1],
                moment=datetime.fromisoformat(row[2]) if row[2] else None,
            )
            for person, row in values.items()
            if row is not None
        ]
        FieldValue.objects.bulk_create(
            back,
            update_conflicts=True,
            unique_fields=["workspace", "contact", "name"],
            update_fields=["text", "folded", "number", "moment", "updated_at"],
        )
    contacts_changed.tell(contact_ids=sorted(values))
