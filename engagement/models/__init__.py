"""Scores and levels, and what people are interested in."""

from engagement.models.interests import (
    Interest,
    InterestDay,
    InterestTag,
    InterestWord,
    LinkTag,
    PageRule,
)
from engagement.models.scores import (
    Annotation,
    AudienceSnapshot,
    DayWeight,
    Fall,
    Heat,
    LevelMove,
    Objective,
    Score,
    ScoreModel,
    Touched,
)

__all__ = [
    "Annotation",
    "AudienceSnapshot",
    "DayWeight",
    "Fall",
    "Heat",
    "Interest",
    "InterestDay",
    "InterestTag",
    "InterestWord",
    "LevelMove",
    "LinkTag",
    "Objective",
    "PageRule",
    "Score",
    "ScoreModel",
    "Touched",
]
