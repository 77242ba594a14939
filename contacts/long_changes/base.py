"""What is changed of very many people: one class a kind. It gives a piece of them their turn, and says what it does."""

from dataclasses import dataclass
from typing import ClassVar

from contacts.models import LongChange


@dataclass(frozen=True, slots=True)
class Piece:
    """People who had their turn: how many, the last one's number (None: that was the end), how many kept what they had."""

    people: int
    last_id: int | None
    kept: int = 0


class LongKind:
    """One kind of change: `make` gives up to `most` people after `change.after_id` their turn, in the caller's transaction."""

    name: ClassVar[str]

    def make(self, change: LongChange, most: int) -> Piece:
        """Change them with a constant number of statements. May be repeated."""
        raise NotImplementedError

    def said(self, change: LongChange) -> str:
        """What it is, in a few words."""
        raise NotImplementedError
