"""What a workspace has learnt of feelings (learning_feelings.py), at hand where texts are judged."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from conversations.engines.learning import Learnt
from conversations.engines.linear import LABELS, SURE_ENOUGH
from conversations.engines.protocol import Sentiment, SentimentEngine, Text
from conversations.models import LearntFeelings
from lib.clock import next_time_of_day
from workspaces import agenda
from workspaces.current import current_workspace, open_workspace

WORK = "conversations.learn"
REMEMBERED_SECONDS = 60
NAME = "learnt"  # the engine's name where no shipped one speaks the language
_remembered: dict[int, tuple[float, dict[str, Learnt]]] = {}


def plan_learning() -> None:
    """Somebody corrected something: it is learnt from in the night."""
    agenda.set_due(WORK, next_time_of_day(current_workspace().zone, 4, 20))


def feel_as_learnt(
    items: Sequence[Text], felt: list[Sentiment], engine_for: Callable[[str], SentimentEngine | None]
) -> None:
    """Judge anew what is in a language of which the open workspace has learnt; the rest stays. One query a minute.

    What the shipped engine scored for `felt` is built on: it is not asked again.
    """
    learnt = learnt_here()
    for language in {one.language for one in items} & learnt.keys():
        places = [place for place, one in enumerate(items) if one.language == language]
        texts, engine = [items[place] for place in places], engine_for(language)
        scores = np.array([felt[place].scores or (0.0,) * len(LABELS) for place in places])
        chances = learnt[language].chances(texts, scores)
        for place, chance in zip(places, chances, strict=True):
            felt[place] = _as_learnt(felt[place], chance, learnt[language].version, is_spoken=engine is not None)


def learnt_here() -> dict[str, Learnt]:
    """Language → what the open workspace has learnt of it and uses; nothing outside one. Remembered for a minute."""
    workspace = open_workspace()
    if workspace is None:
        return {}
    pk, moment = int(workspace.pk), time.monotonic()
    kept = _remembered.get(pk)
    if kept is None or kept[0] < moment:
        if len(_remembered) > 200:
            _remembered.clear()
        rows = LearntFeelings.objects.filter(state=LearntFeelings.State.USED)
        found = {one.language: Learnt.unpacked(bytes(one.weights), str(one.version)) for one in rows}
        kept = _remembered[pk] = moment + REMEMBERED_SECONDS, found
    return kept[1]


def forget_learnt() -> None:
    """What is remembered is read anew. Other processes do so within a minute."""
    _remembered.clear()


def _as_learnt(before: Sentiment, chance: np.ndarray, version: str, *, is_spoken: bool) -> Sentiment:
    at = int(chance.argmax())
    sure = float(chance[at])
    return replace(
        before,
        label=LABELS[at] if sure >= SURE_ENOUGH else "unc",
        best=LABELS[at],
        score=round(float(chance[2] - chance[0]), 3),
        confidence=round(sure, 3),
        engine=before.engine if is_spoken else NAME,
        version=f"{before.version}+{version}",
    )
