"""English sentiment by VADER's word list and rules (MIT), with a confidence that was measured.

The confidence is how often the label was right at this strength, fitted on 4,200 rated tweets and as many
labelled comments (tools/calibrate_sentiment.py); docs/sentiment.md has the figures on texts that were not fitted.
"""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from conversations.engines.protocol import Sentiment, Text

POSITIVE_FROM, NEGATIVE_UNTIL = 0.40, -0.05  # the word list calls too much positive: 0.05 reads 0.39 of neutral texts
SURE_ENOUGH = 0.50
BOUNDS = {
    "neg": [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95],
    "neu": [0.0, 0.15, 0.35],
    "pos": [0.4, 0.5, 0.65, 0.8, 0.95],
}
KNOTS = {
    "neg": [0.449, 0.515, 0.591, 0.705, 0.779, 0.819, 0.94],
    "neu": [0.651, 0.387, 0.386],
    "pos": [0.67, 0.741, 0.831, 0.895, 0.965],
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
    """The label of VADER's compound score, with a higher bar for positive than its authors set."""
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
