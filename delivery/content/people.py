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
from contacts.models import FieldValue, Merged
from delivery.content.liquid import CONTROL, clean_value
from delivery.received import who_got
from emails.blocks.picks import PICKS
from emails.drawing import SHOWN
from emails.library.picking import pick_blocks, picks_for
from emails.offers.reading import OFFER
from emails.showing import conditions_of, shown_blocks
from engagement.interests.reading import interest_names
from lib.sql import array_of, load_sql, run_prepared
from workspaces.current import current_workspace

MOST_CUSTOM = 200
INTERESTS = "interests"  # names of tags, strongest first
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


def fields_of(
    contact_ids: Sequence[int],
    *,
    brand: str,
    needs: frozenset[str] | None = None,
    blocks: str = "",
    message_id: int = 0,
    occasion: int = 0,
) -> dict[int, dict[str, Any]]:
    """Contact id → {"contact": {…}, "brand": name}. What is not known, or blank, is not there.

    `needs` names the fields that are read; None: all of them. Of a content with `blocks`, "shows" says which of the
    conditional ones each person sees, "picks" what those that choose have for them (as chosen for `message_id` and
    `occasion` before, if it was). Five statements at most (and those of conditions and choices), whatever the number.
    """
    known = [one for one in fields_at(Place.EMAIL) if needs is None or one.name_in_email in needs | _made_of(needs)]
    columns = ", ".join(f'c."{one.name}"' for one in known)
    text = load_sql("delivery/fields", columns=f", {columns}" if columns else "")
    mine = {"workspace": current_workspace().pk, "contacts": array_of(contact_ids)}
    names, found = [one.name_in_email for one in known], dict[int, dict[str, Any]]()
    has_first = needs is None or "first_name" in needs
    for one, *values in run_prepared(text, mine):
        contact = {
            name: clean_value(value) if CONTROL.search(value) else value
            for name, value in zip(names, values, strict=True)
            if value
        }
        if has_first and (first := contact.get("first_name") or contact.get("name", "").partition(" ")[0]):
            contact["first_name"] = first
        found[one] = {"contact": contact, "brand": brand}
    if lacking := [one for one, fields in found.items() if needs is None or needs - fields["contact"].keys()]:
        _add_custom(found, lacking, needs)
    if needs is None or INTERESTS in needs:
        for one, liked in interest_names(list(found)).items():
            found[one]["contact"].setdefault(INTERESTS, [clean_value(name) for name in liked])
    _add_blocks(found, blocks, message_id, occasion)
    return found


def _add_blocks(found: dict[int, dict[str, Any]], blocks: str, message_id: int, occasion: int) -> None:
    """Which blocks they see, and what those that choose have for them."""
    if conditions_of(blocks):
        for one, shown in shown_blocks(blocks, list(found)).items():
            found[one][SHOWN] = shown
    if pick_blocks(blocks):
        shows = {one: fields.get(SHOWN, {}) for one, fields in found.items()}
        chosen = picks_for(blocks, list(found), message_id=message_id, occasion=occasion, shows=shows, got=who_got)
        for one, picks in chosen.items():
            found[one][PICKS] = picks


def _made_of(needs: frozenset[str]) -> set[str]:
    """Fields that others are made of."""
    return {"name"} if "first_name" in needs else set()


def _add_custom(found: dict[int, dict[str, Any]], lacking: list[int], needs: frozenset[str] | None) -> None:
    """The workspace's own fields of those who lack some, and of people merged into them."""
    losers = dict(Merged.objects.filter(survivor__in=lacking).values_list("loser_id", "survivor_id"))
    rows, zone = FieldValue.objects.filter(contact__in=[*lacking, *losers]), ZoneInfo(current_workspace().zone)
    if needs is not None:
        rows = rows.filter(name__in=sorted(needs))
    for who, name, text, number, moment in rows.order_by("updated_at").values_list(
        "contact_id", "name", "text", "number", "moment"
    ):
        value = _value_of(clean_value(text), number, moment and moment.astimezone(zone))
        if value is not None:
            found[losers.get(who, who)]["contact"].setdefault(name, value)


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
    own.append((f"contact.{INTERESTS}", ""))
    return [*own, *((way, "") for name in _custom_names() if (way := written(("contact", name))))]


def strangers_among(paths: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    """(field, the nearest known one or "") for those that nobody can have: a slip of the pen behind a stand-in.

    `paths` are what a template reads, as `CompiledMessage.paths` tells it.
    """
    asked = {tuple(path[:2]) for path in paths}
    asked = {path for path in asked if path != ("brand",) and path[0] not in {SHOWN, PICKS, OFFER}}
    ours = {one.name_in_email for one in fields_at(Place.EMAIL)} | {INTERESTS}
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
