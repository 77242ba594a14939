"""Pages that wait for a segment which somebody builds for them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SegmentTaker:
    """A page that sends somebody to build a segment and takes it when it is saved: `?for=name-5` is its fifth.

    `take(request, pk, segment_id)` brings the segment there and returns the address to go on at, None where that is
    nothing of this member's. So no address ever travels with a request.
    """

    name: str
    take: Callable[[Any, int, int], str | None]
