"""The members of a segment as a file."""

from contacts.fields import Place, names_at
from contacts.models import FieldValue, Merged
from lib.exporting import write_table
from segments.models import Segment, SegmentMember

MOST_EXPORTED = 10_000


def members_as_csv(segment: Segment) -> str:
    """CSV with the fields of the table, since when they are members, and their custom fields as they were told.

    10,000 people at most; formulas are disarmed.
    """
    names = names_at(Place.EXPORT)
    rows = SegmentMember.objects.filter(segment=segment, contact__erased_at=None).order_by("contact")
    columns = ("contact__id", *(f"contact__{name}" for name in names), "entered_at")
    people = list(rows.values_list(*columns)[:MOST_EXPORTED])
    told = _custom([row[0] for row in people])
    fields = sorted({name for values in told.values() for name in values})
    return write_table(
        ["id", *names, "in_since", *fields],
        [(*row, *(told.get(row[0], {}).get(name, "") for name in fields)) for row in people],
    )


def _custom(contact_ids: list[int]) -> dict[int, dict[str, str]]:
    """Contact → custom field → its text, of everybody merged into them; of several the newest."""
    found: dict[int, dict[str, str]] = {}
    losers = dict(Merged.objects.filter(survivor__in=contact_ids).values_list("loser_id", "survivor_id"))
    rows = FieldValue.objects.filter(contact__in=[*contact_ids, *losers]).order_by("updated_at")
    for who, name, text, number, moment in rows.values_list("contact_id", "name", "text", "number", "moment"):
        value = text or ("" if number is None else f"{number:.15g}") or (moment.isoformat() if moment else "")
        found.setdefault(losers.get(who, who), {})[name] = value
    return found
