"""Where a saved segment goes: back to the page that sent somebody to build it, which takes it."""

from lib.asked import whole_number
from lib.rooms import house
from segments.models import Segment
from workspaces.requests import Request


def taken_to(request: Request, segment: Segment) -> str | None:
    """The address to go on at, after the page named by `?for=` has taken the segment; None where none did."""
    name, _dash, number = request.GET.get("for", "").partition("-")
    taker, pk = house.segment_takers.get(name), whole_number(number)
    return taker.take(request, pk, segment.pk) if taker and pk is not None else None
