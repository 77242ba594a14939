"""What a sentiment engine takes and says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

KINDS = ("post", "review", "comment")  # what a workspace teaches is calibrated for each


@dataclass(frozen=True, slots=True)
class Text:
    """One text, its language ("" when nobody knows), and where such texts come from: KINDS."""

    text: str
    language: str = ""
    kind: str = "post"


@dataclass(frozen=True, slots=True)
class Sentiment:
    """What an engine thinks: neg, neu, pos or unc; `best` is the likeliest label even where it is unclear.

    `score` −1…1; `confidence` 0…1 is the measured chance that `best` is right; `evidence` the words it hangs on;
    `intents` how likely the text is each of Mention.Intent, where the engine knows; `scores` what the chances of neg, neu and
    pos were made of, on which a workspace's own corrections build.
    """

    label: str
    score: float | None
    confidence: float
    best: str = ""
    evidence: tuple[str, ...] = ()
    engine: str = ""
    version: str = ""
    intents: dict[str, float] = field(default_factory=dict)
    scores: tuple[float, ...] = field(default=(), repr=False, compare=False)


UNCLEAR = Sentiment("unc", None, 0.0)


class SentimentEngine(Protocol):
    """Something that judges texts in some languages."""

    name: str
    languages: frozenset[str]

    def analyse(self, items: Sequence[Text]) -> list[Sentiment]:
        """One sentiment a text, in order."""
        ...
