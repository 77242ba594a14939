"""What this room holds about a person: scores and levels."""

from collections.abc import Iterator, Sequence
from typing import Any

from engagement.models import DayWeight, Fall, Heat, LevelMove, Score
from lib.personal import plain_rows


def gather_scores(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The scores as they stand (decaying sums at the model's landmark), and each move from level to level."""
    yield from plain_rows(Score.objects.filter(contact__in=ids))
    yield from plain_rows(LevelMove.objects.filter(contact__in=ids))


def erase_scores(ids: Sequence[int]) -> int:
    """All of it: nobody who is erased is scored."""
    return sum(
        int(model.objects.filter(contact__in=ids).delete()[0]) for model in (Score, DayWeight, Heat, Fall, LevelMove)
    )
