"""Who relies on a segment: other segments whose rules read it, and what rooms above have it as their audience."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from lib.offers import SegmentUse
from lib.rooms import house
from lib.signs import Text
from segments.members.membership import readers_of
from segments.models import Segment


@dataclass(frozen=True, slots=True)
class Uses:
    """Those of one kind that rely on a segment."""

    label: Text
    uses: Sequence[SegmentUse]


def uses_of(segment: Segment, *, user_id: int | None = None) -> list[Uses]:
    """Everything that relies on `segment`, by kind; nothing where it may be taken away.

    Of private segments of others than `user_id` it is not told what they are called.
    """
    if segment.pk is None:
        return []
    readers = [_use(one, user_id) for one in readers_of(segment)]
    found = [Uses(_("Segments"), readers), *(Uses(user.label, user.uses(segment.pk)) for user in house.segment_users)]
    return [one for one in found if one.uses]


def _use(reader: Segment, user_id: int | None) -> SegmentUse:
    if reader.is_private and reader.owner_id != user_id:
        return SegmentUse(_("a private segment of somebody else"))
    return SegmentUse(reader.name, reverse("segments:segment", args=[reader.pk]))
