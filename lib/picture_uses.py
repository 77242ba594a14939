"""Where pictures stand, as a room says it (Room.picture_users)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PictureUse:
    """In how many emails a picture stands: in `drafts`, which may change, and in `fixed` ones, approved or sent."""

    drafts: int = 0
    fixed: int = 0


# Fingerprints of pictures → where each stands, of those that stand somewhere; one statement, however many.
PictureUser = Callable[[Sequence[str]], Mapping[str, PictureUse]]
