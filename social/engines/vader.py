"""English sentiment by VADER's word list and rules (MIT), with a confidence that was measured.

The confidence is how often the label was right at this strength, fitted on the 4,200 rated tweets of VADER's own
authors (tools/calibrate_sentiment.py). Those flatter it; measured elsewhere figures are lower: docs/sentiment.md.
"""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from social.engines.protocol import Sentiment, Text

POSITIVE_FROM, NEGATIVE_UNTIL = 0.05, -0.05
SURE_ENOUGH = 0.50
BOUNDS = {"neg": [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95], "neu": [0.0, 0.05], "pos": [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95]}
KNOTS = {
    "neg": [0.605, 0.652, 0.761, 0.812, 0.892, 0.945, 0.964],
    "neu": [0.654, 0.654],
    "pos": [0.367, 0.581, 0.611, 0.773, 0.852, 0.91, 0.973],
}
MOST_EVIDENCE = 6


class Vader:
    """Speaks English only."""

    name = "vader"
    languages = frozenset({"en"})

    def analyse(self, items: Sequence[Text]) -> list[Sentiment]:
        """One sentiment a text, in order; unclear when the label is right less often than not."""
        return [self._one(item.text) for item in items]

    def _one(self, text: str) -> Sentiment:
        score = float(_analyser().polarity_scores(text)["compound"])
        best = label_of(score)
        confidence = float(np.interp(abs(score), BOUNDS[best], KNOTS[best]))
        return Sentiment(
            label=best if confidence >= SURE_ENOUGH else "unc",
            best=best,
            score=score,
            confidence=round(confidence, 3),
            evidence=_evidence(text),
            engine=self.name,
            version=version("vaderSentiment"),
        )


def label_of(compound: float) -> str:
    """VADER's own thresholds."""
    return "pos" if compound >= POSITIVE_FROM else "neg" if compound <= NEGATIVE_UNTIL else "neu"


@cache
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415 - 40 ms of word lists

    return SentimentIntensityAnalyzer()


def _evidence(text: str) -> tuple[str, ...]:
    """The words that carry feeling, the strongest first."""
    lexicon = _analyser().lexicon
    found = {word.strip(".,!?;:\"'()[]").lower() for word in text.split()}
    felt = sorted((word for word in found if word in lexicon), key=lambda word: -abs(lexicon[word]))
    return tuple(felt[:MOST_EVIDENCE])
