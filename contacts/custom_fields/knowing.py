"""What is known of custom fields: those that somebody declared, how many people have each, and the names nobody declared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from contacts.custom_fields.values import NO, YES
from contacts.folding import folded
from contacts.models import Contact, CustomType, FieldDefinition
from lib.once import once_a_page
from lib.sql import run_sql
from workspaces.current import current_workspace_id
from workspaces.kept_figures import kept_figure

MOST_FIELDS = 200
LONGEST_NAME = FieldDefinition._meta.get_field("name").max_length or 0
HELD = "contacts.custom_fields"
DAY = r"^(19|20|21)\d\d-[01]\d-[0-3]\d$"
COUNT_UP_TO = 10_000  # people: in a bigger workspace the figures are kept and counted in the background
FEW_CHOICES, ENOUGH_PEOPLE = 12, 20


@dataclass(frozen=True, slots=True)
class Held:
    """What people hold under one name: how many of them, and what type their values look like."""

    name: str
    people: int
    guess: str


@once_a_page
def active_fields() -> list[FieldDefinition]:
    """The declared fields that are not archived, in their order. One statement."""
    return list(FieldDefinition.objects.filter(archived_at=None).order_by("position", "pk")[:MOST_FIELDS])


def fields_by_name() -> dict[str, FieldDefinition]:
    """Every declared field, archived ones too, by its folded name. One statement."""
    return {one.folded: one for one in FieldDefinition.objects.order_by("pk")}


def field_named(name: str) -> FieldDefinition | None:
    """The declared field of this name, whatever its case."""
    return FieldDefinition.objects.filter(folded=folded(name, LONGEST_NAME)).first()


def declared(names: Iterable[str]) -> dict[str, FieldDefinition]:
    """Of these names the declared ones, each with its field. One statement."""
    known = fields_by_name()
    return {name: field for name in names if (field := known.get(folded(name, LONGEST_NAME))) is not None}


def held_fields() -> tuple[list[Held], Any]:
    """What people hold under each name, and when that was counted (None: just now); of a big workspace what is kept."""
    if Contact.objects.filter(is_anonymous=False)[: COUNT_UP_TO + 1].count() > COUNT_UP_TO:
        kept = kept_figure(HELD)
        return ([Held(*row) for row in kept.data], kept.at) if kept else ([], None)
    return [Held(*row) for row in count_held()], None


def count_held(_argument: int = 0) -> list[list[Any]]:
    """[name, people, guess] of every name that somebody holds a value under."""
    params = {"workspace": current_workspace_id(), "words": sorted(YES | NO), "day": DAY}
    rows = run_sql("contacts/held_fields", params)
    return [[name, int(people), _guess(*map(int, figures))] for name, people, *figures in rows]


def values_held(name: str, most: int) -> list[str]:
    """The values under a name as choices, the most frequent first."""
    params = {"workspace": current_workspace_id(), "name": name, "most": most}
    return [row[0] for row in run_sql("contacts/common_values", params)]


def names_of(fields: Sequence[FieldDefinition]) -> set[str]:
    """Their names."""
    return {one.name for one in fields}


def _guess(values: int, numbers: int, moments: int, words: int, different: int) -> str:
    """The type that all values of a name have, or would have."""
    if values and moments == values:
        return CustomType.DATE.value
    if values and words == values and not numbers:
        return CustomType.YES_NO.value
    if values and numbers == values:
        return CustomType.NUMBER.value
    if different <= FEW_CHOICES and values >= ENOUGH_PEOPLE:
        return CustomType.CHOICE.value
    return CustomType.TEXT.value
