"""What this room holds about a person: what they asked by law, and what was made for them."""

from collections.abc import Iterator, Sequence
from typing import Any

from lib.personal import plain_rows
from privacy.models import PrivacyRequest
from privacy.packing import delete_file


def gather_requests(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """What they asked, when, and what was done."""
    rows = PrivacyRequest.objects.filter(contact__in=ids)
    yield from plain_rows(rows, leave_out={"assignee_id", "agreed_by_id", "package", "steps"})


def erase_requests(ids: Sequence[int]) -> int:
    """Their words and every package that was made of them; kinds and moments stay."""
    rows = list(PrivacyRequest.objects.select_for_update().filter(contact__in=ids).order_by("pk"))
    for row in rows:
        delete_file(row)
        row.who, row.details, row.package_counts = "", "", []
        row.steps = [{**step, "note": ""} for step in row.steps]
        if row.package_state:
            row.package, row.package_state = "", PrivacyRequest.Package.GONE
        row.save()
    return len(rows)
