"""English feelings and wishes by a linear model: words, pairs of words, pieces of words, and VADER's scores.

The weights (english.npz) were fitted by `manage.py train_sentiment`; docs/sentiment.md says on what, and what they reach
on texts of other sources.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import batched
from pathlib import Path

import numpy as np

from conversations.engines.english import EnglishWords
from conversations.engines.features import Rows, hash_words
from conversations.engines.protocol import Sentiment, Text
from conversations.engines.wordlist import felt_words, numbers_of
from conversations.engines.words import words_of

WEIGHTS = Path(__file__).with_name("english.npz")
LABELS = ("neg", "neu", "pos")
INTENTS = ("complaint", "question", "praise", "request", "other")
PARTS = ("weights", "numbers", "bias")
SURE_ENOUGH = 0.50
BATCH = 200  # more at once is slower: the features are sorted
FEWEST_LETTERS, MOST_TELLING = 4, 3


@dataclass(frozen=True, slots=True)
class Scorer:
    """Weights of a linear model: a row a hashed feature, a row a number of the word list, a column a class."""

    weights: np.ndarray
    numbers: np.ndarray
    bias: np.ndarray

    def score(self, rows: Rows, numbers: np.ndarray) -> np.ndarray:
        """A score for each text and class: a text's features count for the root of how many they are."""
        found = self.weights[rows.columns]
        sums = np.zeros((len(found) + 1, found.shape[1]), dtype=np.float64)
        np.cumsum(found, axis=0, out=sums[1:])
        each = (sums[rows.starts[1:]] - sums[rows.starts[:-1]]) / np.sqrt(np.maximum(rows.counts, 1))[:, None]
        return np.asarray(each + numbers @ self.numbers + self.bias)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What to add to the score of each label, and how far to trust the differences (Guo et al. 2017: temperature)."""

    bias: np.ndarray
    temperature: float

    def chances(self, scores: np.ndarray) -> np.ndarray:
        """How likely each label is."""
        return softmax(self.trusted(scores))

    def trusted(self, scores: np.ndarray) -> np.ndarray:
        """What the chances are made of, before their sum is made 1."""
        return np.asarray((scores + self.bias) / self.temperature)


@dataclass(frozen=True, slots=True)
class Model:
    """What train_sentiment fitted."""

    feelings: Scorer
    intents: Scorer
    fitted: Fitted
    english: EnglishWords
    version: str


class Linear:
    """Speaks English only."""

    name = "linear"
    languages = frozenset({"en"})

    def analyse(self, items: Sequence[Text]) -> list[Sentiment]:
        """One sentiment a text, in order, with what it wants; unclear where the likeliest label is less likely than not."""
        return [one for some in batched(items, BATCH) for one in _judge(some)]

    def scores(self, items: Sequence[Text]) -> np.ndarray:
        """What the chances of each label are made of, before their sum is made 1: a row a text."""
        found = [_scored(some)[0] for some in batched(items, BATCH)]
        return np.concatenate([*found, np.zeros((0, len(LABELS)))])


def softmax(scores: np.ndarray) -> np.ndarray:
    """Chances of each row that add up to 1."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


@cache
def model() -> Model:
    """The weights that came with the product, read once a process."""
    with np.load(WEIGHTS, allow_pickle=False) as kept:
        about = json.loads(str(kept["about"]))
        fitted = Fitted(np.array(about["fitted"]["bias"]), about["fitted"]["temperature"])
        return Model(
            _scorer(kept, "feelings"),
            _scorer(kept, "intents"),
            fitted,
            EnglishWords.read(kept["english"]),
            about["version"],
        )


def _scorer(kept: np.lib.npyio.NpzFile, name: str) -> Scorer:
    return Scorer(*(kept[f"{name}_{part}"].astype(np.float32) for part in PARTS))


def _scored(items: Sequence[Text]) -> tuple[np.ndarray, Rows, np.ndarray]:
    own, words = model(), [words_of(item.text) for item in items]
    rows, numbers = hash_words(words), numbers_of([item.text for item in items], words)
    return own.fitted.trusted(own.feelings.score(rows, numbers)), rows, numbers


def _judge(items: Sequence[Text]) -> list[Sentiment]:
    own = model()
    scores, rows, numbers = _scored(items)
    chances = softmax(scores)
    wishes = softmax(own.intents.score(rows, numbers))
    best = chances.argmax(axis=1)
    evidence = [felt_words(item.text) for item in items]
    silent = [place for place, felt in enumerate(evidence) if not felt and LABELS[best[place]] != "neu"]
    telling = _telling_words([_words_as_written(items[place].text) for place in silent], best[silent])
    for place, said in zip(silent, telling, strict=True):
        evidence[place] = said
    return [
        Sentiment(
            label=LABELS[at] if chance[at] >= SURE_ENOUGH else "unc",
            best=LABELS[at],
            score=round(float(chance[2] - chance[0]), 3),
            confidence=round(float(chance[at]), 3),
            evidence=said,
            engine=Linear.name,
            version=own.version,
            intents=dict(zip(INTENTS, wish.round(3).tolist(), strict=True)),
            scores=tuple(scored),
        )
        for at, chance, said, wish, scored in zip(best, chances, evidence, wishes, scores.tolist(), strict=True)
    ]


def _words_as_written(text: str) -> list[str]:
    lowered = text.lower()
    return [word for word in words_of(text, name_emoji=False) if len(word) >= FEWEST_LETTERS and word in lowered]


def _telling_words(texts: Sequence[Sequence[str]], best: np.ndarray) -> list[tuple[str, ...]]:
    """Where the list knows no word: those that alone speak most for a text's label and against the others."""
    each = sorted({word for words in texts for word in words})
    if not each:
        return [()] * len(texts)
    alone = [[word] for word in each]
    scores = model().feelings.score(hash_words(alone), numbers_of(each, alone))
    told, at = [], {word: place for place, word in enumerate(each)}
    for words, label in zip(texts, best, strict=True):
        said = sorted({at[word] for word in words})
        gain = scores[said, label] - np.delete(scores[said], label, axis=1).max(axis=1)
        gains = {each[place]: gained for place, gained in zip(said, gain, strict=True) if gained > 0}
        told.append(tuple(sorted(gains, key=lambda word: (-gains[word], word))[:MOST_TELLING]))
    return told
