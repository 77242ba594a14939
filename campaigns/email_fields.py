"""The fields that an email may name, each with how many of the email's people have it."""

from dataclasses import dataclass

from campaigns.edited import EditedEmail
from delivery.content.filled import count_filled
from delivery.content.people import INTERESTS, field_names
from segments.builder.building import rounded
from segments.builder.drafting import in_shape
from segments.leaf_types.base import RuleError
from segments.rules.counting import count_lines, sample_ids
from segments.rules.statements import TooSlowError, bounded

ASKED = 10_000  # people who are looked at, drawn by chance; of more it says "about"


@dataclass(frozen=True, slots=True)
class Field:
    """A field as a template writes it, and what those read who have none. `have`: how many have it, None: not counted."""

    name: str
    stand_in: str
    have: int | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """The fields, and of how many people they were counted; `is_about`: only a part of them was looked at."""

    fields: list[Field]
    people: int
    is_about: bool = False


def plain_fields() -> list[Field]:
    """The fields alone: nobody was counted."""
    return [Field(name, stand_in) for name, stand_in in field_names()]


def filled_fields(edited: EditedEmail) -> Filled | None:
    """Each field with how many of the email's people have it; None where nobody can say. The counts are one statement,
    of a part of the people where they are many.
    """
    rule = in_shape({"all": [edited.segment.rule] if edited.segment else []})
    try:
        people = count_lines(rule).people
        some = sample_ids(rule, ASKED)
        with bounded():
            found = count_filled(some)
    except (RuleError, TooSlowError):
        return None
    is_about = len(some) < people
    share = people / len(some) if is_about and some else 1

    def have(name: str) -> int:
        counted = found.get(name, 0)
        return rounded(round(counted * share)) if is_about and 0 < counted < len(some) else round(counted * share)

    fields = [
        Field(one.name, one.stand_in, None if one.name == f"contact.{INTERESTS}" else have(one.name))
        for one in plain_fields()
    ]
    return Filled(fields, people, is_about)
