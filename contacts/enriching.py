"""What a fact tells about its person: own and custom fields, written in sets."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from contacts.custom_fields.knowing import fields_by_name
from contacts.custom_fields.values import BadValueError, Written, number_text, read_value
from contacts.fields import ContactField, Place, field_of_trait, fields_at
from contacts.folding import folded
from contacts.models import Contact, FieldDefinition, Identity
from contacts.news import contacts_changed
from contacts.reaching import Chosen, use_addresses
from lib.clock import is_storable, now
from lib.foreign.cleaning import to_storable
from lib.sql import load_sql, run_sql
from workspaces.current import current_workspace, current_workspace_id

MOST_FIELDS = 100
LONGEST_NAME, LONGEST_TEXT = 80, 500


def types_in_use(names: Sequence[str]) -> dict[str, str]:
    """Of these names the custom fields that somebody has, each with its type: text, number or moment."""
    return dict(run_sql("contacts/field_types", {"workspace": current_workspace_id(), "names": list(names)}))


def enrich(
    profiles: Sequence[tuple[int, Mapping[str, Any] | None]], *, trusted: bool = True, most: int = MOST_FIELDS
) -> None:
    """Write (contact id, {field: value}) pairs; of several values for one field the last stands.

    Names of the table go to the contact, everything else becomes a custom field: numbers, moments (ISO, of the years
    1900 to 2200; others stay text), texts, booleans as "yes"/"no", Written as it is; nested values, names without a
    letter and what lies beyond the first `most` are left out. A name that somebody declared, in whatever case, is read
    by its type, and what does not fit is left out: who can answer reads the value first (read_value). A new email
    replaces the one before, which is former then. At most five statements for the whole batch; may be repeated.
    """
    own: dict[int, dict[str, Any]] = {}
    custom: dict[tuple[int, str], dict[str, Any]] = {}
    declared: dict[str, FieldDefinition] | None = None
    for contact, profile in profiles:
        for name, value in list((profile or {}).items())[:most]:
            if (field := field_of_trait(name)) is not None:
                if (text := _text_for(field, value)) is not None:
                    own.setdefault(contact, {"id": contact}).update(_with_fold(field, text))
                continue
            declared = fields_by_name() if declared is None else declared
            if (row := _typed_row(declared, name, value)) is not None:
                custom[contact, row["name"]] = {"contact": contact, **row}
    values: dict[str, Any] = {"workspace": current_workspace_id(), "trusted": trusted, "now": now()}
    if trusted:
        _replace_emails(own)
    with connection.cursor() as cursor:
        if own:
            rows = json.dumps(sorted(own.values(), key=lambda row: row["id"]))
            cursor.execute(_set_fields(), values | {"rows": rows})
        if custom:
            rows = json.dumps(
                [row | {"folded": folded(row["text"], LONGEST_TEXT)} for row in custom.values()], default=str
            )
            cursor.execute(load_sql("contacts/set_custom_fields"), values | {"rows": rows})
    if own or custom:
        contacts_changed.tell(contact_ids=sorted({*own, *(contact for contact, _ in custom)}))


def _replace_emails(own: Mapping[int, Mapping[str, Any]]) -> None:
    """Who had another email until now gets the new one as their primary identity, where it is theirs."""
    new = {contact: str(row["email"]) for contact, row in own.items() if row.get("email")}
    if not new:
        return
    before = Contact.objects.filter(pk__in=list(new)).exclude(email="").values_list("pk", "email")
    use_addresses([Chosen(pk, Identity.Kind.EMAIL, new[pk]) for pk, email in before if email != new[pk]])


def _set_fields() -> str:
    columns = {
        name: one.name for one in fields_at(Place.API) for name in (one.name, one.folded)
    }  # each by what it follows
    return load_sql(
        "contacts/set_fields",
        assignments=",\n    ".join(
            f"{name} = CASE WHEN n.{of} IS NOT NULL AND (%(trusted)s OR c.{of} = '') THEN n.{name} ELSE c.{name} END"
            for name, of in columns.items()
        ),
        columns=", ".join(f"{name} text" for name in columns),
    )


def _with_fold(field: ContactField, text: str) -> dict[str, str]:
    """The field's column, and its folded twin where it has one."""
    return {field.folded: folded(text, field.length), field.name: text}


def _text_for(field: ContactField, value: Any) -> str | None:
    """The value as the field's text, cut to its length; None for what is no text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return to_storable(number_text(value) if isinstance(value, float) else str(value), field.length)


def _typed_row(declared: Mapping[str, FieldDefinition], name: str, value: Any) -> dict[str, Any] | None:
    """`custom_row` by the type of the field that this name means, if somebody declared it."""
    field = declared.get(folded(to_storable(name, LONGEST_NAME), LONGEST_NAME))
    if field is None:
        return custom_row(name, value)
    if not isinstance(value, str | bool | int | float | date | Written):
        return None
    try:
        written = read_value(field, value)
    except BadValueError:
        return None
    return None if written is None else custom_row(field.name, written)


def custom_row(name: str, value: Any) -> dict[str, Any] | None:
    """The columns of a custom field, as `enrich` writes it: name, text, number and moment; None for what is left out."""
    row: dict[str, Any] = {"name": to_storable(name, LONGEST_NAME), "text": ""}
    if not row["name"]:
        return None
    if isinstance(value, Written):
        return row | {"text": value.text[:LONGEST_TEXT], "number": value.number, "moment": value.moment}
    written = _written(value)
    return None if written is None else row | written


def _written(value: Any) -> dict[str, Any] | None:
    """The columns of a value that came without a type of its field; None for what is no value."""
    if isinstance(value, bool):
        return {"text": "yes" if value else "no"}
    if isinstance(value, int | float):
        return {"number": _number(value), "text": number_text(value)[:LONGEST_TEXT]}
    if isinstance(value, datetime):
        return {"moment": value if is_storable(value) else None, "text": value.isoformat()}
    if isinstance(value, str):
        return {"text": to_storable(value, LONGEST_TEXT), "moment": _moment(value)}
    return None


def _number(value: float) -> float | None:
    """The number, where a column of doubles holds it."""
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _moment(text: str) -> datetime | None:
    if not (len(text) >= 10 and text[4:5] == "-"):
        return None
    try:
        moment = parse_datetime(text)
        if moment is not None and timezone.is_naive(moment):
            moment = timezone.make_aware(moment, ZoneInfo(current_workspace().zone))
    except (ValueError, OverflowError):
        return None
    return moment.astimezone(UTC) if moment is not None and is_storable(moment) else None
