"""Fit linear weights by numpy alone: multinomial logistic regression over hashed features, then biases and a temperature.

Whole-batch L-BFGS: the same inputs give the same weights, and no step size has to be chosen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import batched

import numpy as np

from conversations.engines.features import BITS, Rows, hash_words
from conversations.engines.linear import BATCH, Fitted, Scorer, softmax
from conversations.engines.wordlist import numbers_of
from conversations.engines.words import words_of

STEPS, MEMORY = 25, 8
RIDGE, RIDGE_NUMBERS = 3.0, 0.001
FEWEST_TEXTS = 2  # a feature of one text alone teaches nothing
BIASES = np.arange(-0.6, 0.61, 0.15)
SHRINK = 0.1  # fitted freely, biases of four sources lost 0.007 of recall on the fifth
TEMPERATURES = np.arange(0.6, 2.5, 0.05)


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts as features, the number of the right class of each, and how much each counts."""

    rows: Rows
    numbers: np.ndarray
    labels: np.ndarray
    weights: np.ndarray

    def some(self, places: np.ndarray) -> "Examples":
        """Those at these places, in this order."""
        starts = self.rows.starts
        parts = [self.rows.columns[starts[at] : starts[at + 1]] for at in places]
        ends = np.concatenate([[0], np.cumsum(self.rows.counts[places])])
        columns = np.concatenate([*parts, np.zeros(0, np.int32)]).astype(np.int32)
        return Examples(Rows(columns, ends), self.numbers[places], self.labels[places], self.weights[places])


def to_examples(texts: Sequence[str], labels: Sequence[int], weight: float = 1.0) -> Examples:
    """The features of texts whose class is known."""
    parts = []
    for some in batched(texts, BATCH):
        words = [words_of(text) for text in some]
        parts.append(Examples(hash_words(words), numbers_of(some, words), np.zeros(0), np.zeros(0)))
    both = join(parts)
    return Examples(both.rows, both.numbers, np.array(labels, dtype=np.int64), np.full(len(labels), weight))


def join(parts: Sequence[Examples]) -> Examples:
    """All of these, one after the other."""
    starts = np.concatenate([[0], np.cumsum(np.concatenate([one.rows.counts for one in parts]))])
    return Examples(
        Rows(np.concatenate([one.rows.columns for one in parts]), starts),
        np.concatenate([one.numbers for one in parts]),
        np.concatenate([one.labels for one in parts]),
        np.concatenate([one.weights for one in parts]),
    )


def fit(examples: Examples, classes: int, *, begins: np.ndarray | None = None, ridge: float = RIDGE) -> Scorer:
    """Weights that tell the classes apart, each class counting the same however often it occurs.

    Where each text `begins` with scores, the weights are differences to these; `ridge` holds them near nothing.
    """
    used, columns, counts = np.unique(examples.rows.columns, return_inverse=True, return_counts=True)
    kept = counts >= FEWEST_TEXTS
    problem = _Problem(examples, (np.cumsum(kept) - 1)[columns], kept[columns], classes, ridge)
    problem.begins = np.zeros((1, classes)) if begins is None else begins
    weights, numbers, bias = problem.parts(_descend(problem.loss, np.zeros(problem.size)))
    whole = np.zeros((1 << BITS, classes), dtype=np.float32)
    whole[used[kept]] = weights
    return Scorer(whole, numbers, bias)


def fit_chances(judged: Sequence[tuple[np.ndarray, np.ndarray]]) -> Fitted:
    """The two biases of the best mean recall over these sources (scores, labels), and the truest temperature.

    Zero is favoured: a bias that gains little here loses more elsewhere.
    """
    tried = []
    for low in BIASES:
        for high in BIASES:
            bias = np.array([low, 0.0, high])
            gained = sum(recalls(labels, scores + bias).mean() for scores, labels in judged) / len(judged)
            tried.append((gained - SHRINK * (low**2 + high**2), low, high))
    _gain, low, high = max(tried)
    bias = np.array([low, 0.0, high])
    gaps = [
        (sum(calibration_error(labels, Fitted(bias, t).chances(scores)) for scores, labels in judged), t)
        for t in TEMPERATURES
    ]
    return Fitted(bias, float(min(gaps)[1]))


def recalls(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Of each class that occurs, the share found."""
    said = scores.argmax(axis=1)
    return np.array([np.mean(said[labels == one] == one) for one in range(scores.shape[1]) if (labels == one).any()])


def calibration_error(labels: np.ndarray, chances: np.ndarray) -> float:
    """calibration_error_of the likeliest labels."""
    return calibration_error_of(chances.max(axis=1), chances.argmax(axis=1) == labels)


def calibration_error_of(sure: np.ndarray, right: np.ndarray) -> float:
    """How far confidence lies from the share that is right, over ten equal steps of it (ECE)."""
    step = np.minimum((sure * 10).astype(int), 9)
    return float(sum(abs(right[step == one].sum() - sure[step == one].sum()) for one in range(10)) / max(1, len(sure)))


class _Problem:
    """The loss and its slope, over the features that are kept; `rows` sorted both by text and by feature."""

    begins: np.ndarray

    def __init__(
        self, examples: Examples, columns: np.ndarray, kept: np.ndarray, classes: int, ridge: float = RIDGE
    ) -> None:
        texts = np.repeat(np.arange(len(examples.labels)), examples.rows.counts)[kept]
        self.columns, self.classes = columns[kept], classes
        self.features = int(self.columns.max(initial=-1)) + 1
        order = np.argsort(self.columns, kind="stable")
        self.texts = texts[order]
        self.by_text = np.searchsorted(texts, np.arange(len(examples.labels) + 1))
        self.by_feature = np.searchsorted(self.columns[order], np.arange(self.features + 1))
        self.value = (1 / np.sqrt(np.maximum(examples.rows.counts, 1))).astype(np.float32)[:, None]
        self.numbers, self.labels = examples.numbers, examples.labels
        self.right = np.eye(classes, dtype=np.float32)[examples.labels]
        shares = np.bincount(self.labels, examples.weights, classes)
        each = examples.weights * (shares.sum() / classes / np.maximum(shares, 1e-9))[self.labels]
        self.ridge = ridge / each.sum()
        self.weights = each / each.sum()
        self.size = (self.features + self.numbers.shape[1] + 1) * classes

    def parts(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights of features, of numbers, and the bias."""
        table = point.reshape(-1, self.classes)
        return table[: self.features], table[self.features : -1], table[-1]

    def loss(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """What is to become small, and its slope."""
        weights, numbers, bias = self.parts(point)
        sums = _segments(weights.astype(np.float32)[self.columns], self.by_text)
        chances = softmax(self.begins + sums * self.value + self.numbers @ numbers + bias)
        right = chances[np.arange(len(chances)), self.labels]
        wrong = (chances - self.right) * self.weights[:, None]
        slope = _segments((wrong * self.value).astype(np.float32)[self.texts], self.by_feature) + self.ridge * weights
        loss = -(self.weights * np.log(right + 1e-12)).sum()
        loss += (self.ridge * (weights**2).sum() + RIDGE_NUMBERS * (numbers**2).sum()) / 2
        by_number = self.numbers.T @ wrong + RIDGE_NUMBERS * numbers
        return float(loss), np.concatenate([slope, by_number, wrong.sum(axis=0)[None]]).ravel().astype(np.float64)


def _segments(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Sums of the rows between each start and the next; nothing between gives nothing."""
    sums = np.zeros((len(starts) - 1, values.shape[1]), dtype=np.float32)
    full = np.flatnonzero(starts[1:] > starts[:-1])
    if len(full):
        sums[full] = np.add.reduceat(values, starts[full], axis=0)
    return sums


def _descend(loss: Callable[[np.ndarray], tuple[float, np.ndarray]], point: np.ndarray) -> np.ndarray:
    """L-BFGS (Nocedal and Wright, algorithm 7.5) with halved steps."""
    now, slope = loss(point)
    moved: list[tuple[np.ndarray, np.ndarray]] = []
    for _step in range(STEPS):
        way = _direction(slope, moved)
        length = 1.0
        while True:
            there = point - length * way
            then, slope_there = loss(there)
            if then <= now - 1e-4 * length * float(slope @ way) or length < 1e-3:
                break
            length /= 2
        if then >= now:
            break
        moved = [*moved, (there - point, slope_there - slope)][-MEMORY:]
        point, now, slope = there, then, slope_there
    return point


def _direction(slope: np.ndarray, moved: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    way, shares = slope.copy(), []
    for step, change in reversed(moved):
        share = (step @ way) / (step @ change)
        shares.append(share)
        way -= share * change
    if moved:
        step, change = moved[-1]
        way *= (step @ change) / (change @ change)
    else:
        way /= max(1.0, float(np.linalg.norm(slope)))
    for (step, change), share in zip(moved, reversed(shares), strict=True):
        way += step * (share - (change @ way) / (step @ change))
    return way
