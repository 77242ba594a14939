"""What this room holds about a person: scores and levels, and what they are interested in."""

from collections.abc import Iterator, Sequence
from typing import Any

from engagement.models import (
    DayWeight,
    Fall,
    Heat,
    Interest,
    InterestDay,
    InterestTag,
    InterestWord,
    LevelMove,
    Score,
)
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


def gather_interests(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """What they said they like or do not, and what their clicks, pages and purchases say."""
    names = dict(InterestTag.objects.values_list("pk", "name"))
    for model in (InterestWord, Interest):
        for row in plain_rows(model.objects.filter(contact__in=ids)):
            yield row | {"tag": names.get(int(row["tag"]), "")}


def erase_interests(ids: Sequence[int]) -> int:
    """All of it."""
    return sum(
        int(model.objects.filter(contact__in=ids).delete()[0]) for model in (Interest, InterestDay, InterestWord)
    )
