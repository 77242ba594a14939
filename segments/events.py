"""News about who stands in segments, told to machines; of a private segment nothing is told."""

from collections.abc import Sequence

from segments.models import Segment
from workspaces.events import NewEvent, record_events

ENTERED, LEFT, FILLED = "segment.entered", "segment.left", "segment.filled"


def on_segments_moved(moves: Sequence[tuple[Segment, Sequence[int], Sequence[int]]]) -> None:
    """News: people came into segments or left them. One statement, whatever the number of segments."""
    record_events(
        NewEvent(kind, people, {"segment_id": segment.pk})
        for segment, entered, left in moves
        for kind, people in ((ENTERED, entered), (LEFT, left))
        if people and not segment.is_private
    )


def on_segment_filled(segment: Segment) -> None:
    """News: it was filled anew; its members are to be read as a whole, for a million ids would be news to nobody."""
    if not segment.is_private:
        record_events([NewEvent(FILLED, [], {"segment_id": segment.pk, "member_count": segment.member_count})])
