"""What a letter may know of its readers: plain dictionaries, read for a whole chunk at once."""

from collections.abc import Sequence
from typing import Any

from campaigns.content.liquid import clean_value
from contacts.models import Contact, Merged, Trait

FIXED = ("name", "given_name", "family_name", "email", "language", "country", "city")
PICKER = (
    ("contact.first_name", "there"),
    ("contact.name", "you"),
    ("contact.last_name", ""),
    ("contact.email", ""),
    ("contact.city", "your town"),
    ("contact.country", ""),
)
MOST_TRAITS = 200


def fields_of(contact_ids: Sequence[int], *, brand: str) -> dict[int, dict[str, Any]]:
    """Contact id → {"contact": {…}, "brand": name}. What is not known is not there."""
    found: dict[int, dict[str, Any]] = {}
    for row in Contact.objects.filter(pk__in=contact_ids).values("id", *FIXED):
        contact = {name: clean_value(row[name]) for name in FIXED if row[name]}
        first = contact.pop("given_name", "") or contact.get("name", "").partition(" ")[0]
        last = contact.pop("family_name", "")
        contact |= {key: value for key, value in (("first_name", first), ("last_name", last)) if value}
        found[row["id"]] = {"contact": contact, "brand": brand}
    losers = dict(Merged.objects.filter(survivor__in=list(found)).values_list("loser_id", "survivor_id"))
    traits = Trait.objects.filter(contact__in=[*found, *losers]).order_by("updated_at")
    for who, name, text, number, moment in traits.values_list("contact_id", "name", "text", "number", "moment"):
        value: Any = clean_value(text) or (number if number is not None else moment)
        if value not in {None, ""}:
            found[losers.get(who, who)]["contact"].setdefault(name, _whole(value))
    return found


def field_names() -> list[tuple[str, str]]:
    """(field, a stand-in) for the picker: the fixed ones, then what this workspace knows of people."""
    names = Trait.objects.order_by("name").values_list("name", flat=True).distinct()[:MOST_TRAITS]
    return [*PICKER, *((f"contact.{name}", "") for name in names if name.isidentifier())]


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
