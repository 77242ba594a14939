"""What a workspace's own people say about feelings, on top of the weights that came with the product: numpy alone.

The shipped model's chances stay the beginning of every judgement; what is learnt are differences, held near nothing by
their squares, and a bias and a temperature for each kind of source. A language that no engine speaks begins with nothing.
Held out is the newest fifth: what is measured there is what is used.
"""

import io
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from conversations.engines.features import Rows, hash_words
from conversations.engines.linear import LABELS, Fitted, softmax
from conversations.engines.protocol import KINDS, Text
from conversations.engines.training import Examples, calibration_error, fit, fit_chances, recalls, to_examples
from conversations.engines.words import words_of

RIDGE_OF_DIFFERENCES = 1.0
SMALLEST = 0.01  # a weight nearer to nothing is left out
FOLDS = 3
FEWEST_OF_A_KIND = 30  # with fewer, its bias and temperature are those of all


@dataclass(frozen=True, slots=True)
class Taught:
    """One text and what it feels like: said by a person, or left as the engine had it (`weight` below 1)."""

    text: Text
    label: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Learnt:
    """Differences to the shipped scores: a row a feature that occurs, a column a label."""

    columns: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    fitted: dict[str, Fitted]
    version: str = ""

    def chances(self, texts: Sequence[Text], shipped: np.ndarray, rows: Rows | None = None) -> np.ndarray:
        """How likely each label is, from the shipped scores (`shipped_scores`)."""
        rows = rows or hash_words([words_of(one.text) for one in texts])
        scores = shipped + self._differences(rows)
        found: np.ndarray = np.empty_like(scores)
        for kind in {one.kind for one in texts}:
            mine = [place for place, one in enumerate(texts) if one.kind == kind]
            found[mine] = self.fitted[kind].chances(scores[mine])
        return found

    def _differences(self, rows: Rows) -> np.ndarray:
        counts = np.maximum(rows.counts, 1)
        sums = np.zeros((len(counts), len(LABELS)))
        if len(self.columns):
            at = np.minimum(np.searchsorted(self.columns, rows.columns), len(self.columns) - 1)
            known = self.columns[at] == rows.columns
            owners = np.repeat(np.arange(len(counts)), rows.counts)[known]
            for label in range(len(LABELS)):
                weights = self.weights[at[known], label]
                sums[:, label] = np.bincount(owners, weights=weights, minlength=len(counts))
        return np.asarray(sums / np.sqrt(counts)[:, None] + self.bias)

    def packed(self) -> bytes:
        """As a row of the database holds it: no word can be read from it, only hashes of pieces."""
        about = {kind: {"bias": one.bias.tolist(), "temperature": one.temperature} for kind, one in self.fitted.items()}
        kept = io.BytesIO()
        np.savez_compressed(
            kept,
            columns=self.columns.astype(np.int32),
            weights=self.weights.astype(np.float16),
            bias=self.bias,
            fitted=np.array(json.dumps(about)),
        )
        return kept.getvalue()

    @classmethod
    def unpacked(cls, kept: bytes, version: str) -> Self:
        """What `packed` made."""
        with np.load(io.BytesIO(kept), allow_pickle=False) as read:
            about = json.loads(str(read["fitted"]))
            fitted = {kind: Fitted(np.array(one["bias"]), one["temperature"]) for kind, one in about.items()}
            return cls(read["columns"], read["weights"].astype(np.float64), read["bias"], fitted, version)


@dataclass(frozen=True, slots=True)
class Figures:
    """What some chances reach on texts that people judged: macro recall, calibration error (ECE), and how many they were."""

    recall: float
    error: float
    count: int

    @classmethod
    def of(cls, labels: np.ndarray, chances: np.ndarray) -> Self:
        """Measured."""
        if not len(labels):
            return cls(0.0, 0.0, 0)
        return cls(float(recalls(labels, chances).mean()), calibration_error(labels, chances), len(labels))


def learn(taught: Sequence[Taught], shipped: np.ndarray) -> Learnt:
    """Differences that tell these apart, and for each kind of source a bias and a temperature by scores of texts left out.

    `shipped` are the scores each text begins with. The same in gives the same out.
    """
    labels = np.array([one.label for one in taught], dtype=np.int64)
    examples = to_examples([one.text.text for one in taught], labels.tolist())
    weights = np.array([one.weight for one in taught])
    examples = Examples(examples.rows, np.zeros((len(taught), 0)), labels, weights)
    scores = np.array(shipped, dtype=np.float64)
    folds = np.array([zlib.crc32(one.text.text.encode()) % FOLDS for one in taught])  # the same words in one fold
    for fold in range(FOLDS):
        out = np.flatnonzero(folds == fold)
        part = _fit(examples, np.flatnonzero(folds != fold), shipped)
        scores[out] += part._differences(examples.some(out).rows)
    kinds = np.array([one.text.kind for one in taught])
    every = fit_chances([(scores, labels)])
    fitted = {}
    for kind in KINDS:
        mine = kinds == kind
        is_enough = mine.sum() >= FEWEST_OF_A_KIND and len(set(labels[mine])) == len(LABELS)
        fitted[kind] = fit_chances([(scores[mine], labels[mine])]) if is_enough else every
    whole = _fit(examples, np.arange(len(taught)), shipped)
    return Learnt(whole.columns, whole.weights, whole.bias, fitted)


def _fit(examples: Examples, places: np.ndarray, shipped: np.ndarray) -> Learnt:
    part = fit(examples.some(places), len(LABELS), begins=shipped[places], ridge=RIDGE_OF_DIFFERENCES)
    kept = np.flatnonzero(np.abs(part.weights).max(axis=1) >= SMALLEST)
    plain = Fitted(np.zeros(len(LABELS)), 1.0)
    return Learnt(kept, part.weights[kept].astype(np.float64), part.bias, dict.fromkeys(KINDS, plain))


def shipped_chances(shipped: np.ndarray) -> np.ndarray:
    """How likely each label is where nothing is learnt; a language that no engine speaks gives a third each."""
    return softmax(shipped)
