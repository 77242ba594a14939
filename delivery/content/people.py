"""What a message may know of its readers: plain dictionaries, read for a whole chunk at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from contacts.fields import Place, Sensitivity, fields_at
from contacts.models import Contact, FieldValue, Merged
from delivery.content.liquid import clean_value

MOST_CUSTOM = 200


def fields_of(contact_ids: Sequence[int], *, brand: str) -> dict[int, dict[str, Any]]:
    """Contact id → {"contact": {…}, "brand": name}. What is not known is not there."""
    found: dict[int, dict[str, Any]] = {}
    known = fields_at(Place.EMAIL)
    for row in Contact.objects.filter(pk__in=contact_ids).values("id", *(one.name for one in known)):
        contact = {one.name_in_email: clean_value(row[one.name]) for one in known if row[one.name]}
        if first := contact.get("first_name") or contact.get("name", "").partition(" ")[0]:
            contact["first_name"] = first
        found[row["id"]] = {"contact": contact, "brand": brand}
    losers = dict(Merged.objects.filter(survivor__in=list(found)).values_list("loser_id", "survivor_id"))
    rows = FieldValue.objects.filter(contact__in=[*found, *losers]).order_by("updated_at")
    for who, name, text, number, moment in rows.values_list("contact_id", "name", "text", "number", "moment"):
        value: Any = clean_value(text) or (number if number is not None else moment)
        if value not in {None, ""}:
            found[losers.get(who, who)]["contact"].setdefault(name, _whole(value))
    return found


def without_names(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The same fields with stand-ins where they say who somebody is: for previews by those who see no names."""
    stands_in = {
        one.name_in_email: str(one.stand_in) or "…"
        for one in fields_at(Place.EMAIL)
        if one.sensitivity is Sensitivity.IDENTIFYING
    }
    contact = fields.get("contact", {})
    return {**fields, "contact": {name: stands_in.get(name, value) for name, value in contact.items()}}


def field_names() -> list[tuple[str, str]]:
    """(field, a stand-in) for the picker: those of the table, then the custom ones of this workspace."""
    own = [(f"contact.{one.name_in_email}", str(one.stand_in)) for one in fields_at(Place.EMAIL)]
    names = FieldValue.objects.order_by("name").values_list("name", flat=True).distinct()[:MOST_CUSTOM]
    return [*own, *((f"contact.{name}", "") for name in names if name.isidentifier())]


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
