"""The list of people narrowed to the members of a segment: where its number leads."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from lib.asked import whole_number
from lib.offers import Narrowing
from segments.models import Segment
from workspaces.requests import Request

MEMBERS = """AND c.id IN (SELECT k.contact_id FROM segments_segmentmember k
             WHERE k.workspace_id = %(workspace)s AND k.segment_id = %(of_segment)s)"""


def members_of(request: Request, value: str) -> Narrowing | None:
    """`?segment=3`: its members, as of the last look at it."""
    pk = whole_number(value)
    visible = Segment.objects.filter(Q(is_private=False) | Q(owner_id=request.user.pk))
    segment = visible.filter(pk=pk).first() if pk is not None else None
    if segment is None:
        return None
    return Narrowing(_("Segment: %(name)s") % {"name": segment.name}, MEMBERS, {"of_segment": segment.pk})


def members_line(value: str) -> dict[str, Any]:
    """The same as a line of a rule; of a value that `members_of` took."""
    return {"segment": {"id": int(value), "in": True}}


def members_for_machines(value: str) -> Narrowing | None:
    """The same for the API, which belongs to nobody: of a segment that is not somebody's own."""
    pk = whole_number(value)
    segment = Segment.objects.filter(is_private=False, pk=pk).first() if pk is not None else None
    return Narrowing(segment.name, MEMBERS, {"of_segment": segment.pk}) if segment else None
