"""What a message may know of its readers: plain dictionaries, read for a whole chunk at once.

A value of a field is a text as it was told. One that is also a number or a moment is a Numeral or a Moment: it is
written as it was told, and counts, compares and is put into another form as what it is.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from contacts.custom_fields.knowing import active_fields
from contacts.fields import Place, Sensitivity, fields_at
from contacts.models import Contact, FieldValue, Merged
from delivery.content.liquid import clean_value
from workspaces.current import current_workspace

MOST_CUSTOM = 200
PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
RESERVED = {
    "and",
    "or",
    "not",
    "contains",
    "in",
    "true",
    "false",
    "nil",
    "null",
    "empty",
    "blank",
    "if",
    "else",
    "with",
}
UNWRITABLE = ("{{", "}}", "{%", "%}", "\\")


class Moment(str):
    """A moment as it was told; the `date` filter reads `moment`, by the workspace's clocks."""

    moment: datetime

    @classmethod
    def told(cls, text: str, moment: datetime) -> "Moment":
        """One of this text."""
        one = cls(text)
        one.moment = moment
        return one


class Whole(int):
    """A whole number as it was told: 0012, 1.234."""

    text: str

    def __str__(self) -> str:
        return self.text


class Decimal(float):
    """Another number as it was told: 12,50."""

    text: str

    def __str__(self) -> str:
        return self.text


def fields_of(contact_ids: Sequence[int], *, brand: str) -> dict[int, dict[str, Any]]:
    """Contact id → {"contact": {…}, "brand": name}. What is not known, or blank, is not there."""
    found: dict[int, dict[str, Any]] = {}
    known, zone = fields_at(Place.EMAIL), ZoneInfo(current_workspace().zone)
    for row in Contact.objects.filter(pk__in=contact_ids).values("id", *(one.name for one in known)):
        contact = {one.name_in_email: value for one in known if (value := clean_value(row[one.name]))}
        if first := contact.get("first_name") or contact.get("name", "").partition(" ")[0]:
            contact["first_name"] = first
        found[row["id"]] = {"contact": contact, "brand": brand}
    losers = dict(Merged.objects.filter(survivor__in=list(found)).values_list("loser_id", "survivor_id"))
    rows = FieldValue.objects.filter(contact__in=[*found, *losers]).order_by("updated_at")
    for who, name, text, number, moment in rows.values_list("contact_id", "name", "text", "number", "moment"):
        value = _value_of(clean_value(text), number, moment and moment.astimezone(zone))
        if value is not None:
            found[losers.get(who, who)]["contact"].setdefault(name, value)
    return found


def _value_of(text: str, number: float | None, moment: datetime | None) -> Any:
    """A custom field as templates see it; None when nothing is known."""
    if number is not None:
        value: Any = Whole(number) if number.is_integer() else Decimal(number)
        value.text = text or f"{value.real!r}"
        return value
    if moment is not None:
        return Moment.told(text, moment) if text else moment
    return text or None


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
    """(field as a template writes it, a stand-in) for the picker: those of the table, then this workspace's own."""
    own = [(f"contact.{one.name_in_email}", str(one.stand_in)) for one in fields_at(Place.EMAIL)]
    return [*own, *((way, "") for name in _custom_names() if (way := written(("contact", name))))]


def strangers_among(paths: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    """(field, the nearest known one or "") for those that nobody can have: a slip of the pen behind a stand-in.

    `paths` are what a template reads, as `CompiledMessage.paths` tells it.
    """
    asked = {tuple(path[:2]) for path in paths}
    asked = {path for path in asked if path != ("brand",)}
    ours = {one.name_in_email for one in fields_at(Place.EMAIL)}
    names = {path[1] for path in asked if path[0] == "contact" and len(path) == 2} - ours
    there = set(FieldValue.objects.filter(name__in=names).values_list("name", flat=True).distinct()) if names else set()
    there |= {one.name for one in active_fields()} if names - there else set()
    strange = sorted(path for path in asked if not (path[0] == "contact" and path[-1] in ours | there))
    everybody = sorted(ours | set(_custom_names())) if strange else []
    return [(written(path) or ".".join(path), _nearest(path, everybody)) for path in strange]


def _nearest(path: Sequence[str], known: Sequence[str]) -> str:
    """The field that was meant, perhaps."""
    folded = {name.casefold(): name for name in reversed(known)}
    near = get_close_matches(path[-1].casefold(), list(folded), n=1, cutoff=0.7)
    return written(("contact", folded[near[0]])) if near else ""


def _custom_names() -> list[str]:
    """What was declared, in its order, then what somebody has."""
    held = FieldValue.objects.order_by("name").values_list("name", flat=True).distinct()[:MOST_CUSTOM]
    return list(dict.fromkeys([*(one.name for one in active_fields()), *held]))


def written(path: Sequence[str]) -> str:
    """A field's path as a template writes it: contact.city, contact["Kunde seit"]; "" when it cannot be written."""
    said, *names = path
    for name in names:
        quote = "'" if '"' in name else '"'
        if PLAIN_NAME.match(name) and name not in RESERVED:
            said += f".{name}"
        elif quote in name or any(one in name for one in UNWRITABLE):
            return ""
        else:
            said += f"[{quote}{name}{quote}]"
    return said
