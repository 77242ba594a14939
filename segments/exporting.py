"""The members of a segment as a file."""

from contacts.fields import Place, names_at
from lib.exporting import write_table
from segments.models import Segment, SegmentMember

MOST_EXPORTED = 10_000


def members_as_csv(segment: Segment) -> str:
    """CSV with the fields of the table and since when they are members; 10,000 at most, formulas disarmed."""
    names = names_at(Place.EXPORT)
    rows = SegmentMember.objects.filter(segment=segment, contact__erased_at=None).order_by("contact")
    columns = ("contact__id", *(f"contact__{name}" for name in names), "entered_at")
    return write_table(["id", *names, "in_since"], rows.values_list(*columns)[:MOST_EXPORTED])
