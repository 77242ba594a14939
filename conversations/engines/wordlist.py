"""What VADER's English word list and rules (MIT) say of a text, as numbers for the linear engine and as evidence."""

import math
import re
from collections.abc import Sequence

import numpy as np

from conversations.engines.words import LONGEST, analyser

NUMBERS = 17
MOST_EVIDENCE = 6
NEGATIONS = re.compile(r"\b(?:not|no|never|none|nobody|nothing|without|hardly|barely|cannot|\w+n't)\b")


def numbers_of(texts: Sequence[str], words: Sequence[Sequence[str]]) -> np.ndarray:
    """For each text (and its words) NUMBERS numbers between -1 and 1: VADER's scores, and its list without its rules."""
    rows = [_numbers(text[:LONGEST], said) for text, said in zip(texts, words, strict=True)]
    return np.array(rows, dtype=np.float32).reshape(len(rows), NUMBERS)


def felt_words(text: str) -> tuple[str, ...]:
    """The words of the list that stand in the text, the strongest first."""
    ratings = analyser().lexicon
    found = {word.strip(".,!?;:\"'()[]").lower() for word in text[:LONGEST].split()}
    felt = sorted((word for word in found if word in ratings), key=lambda word: (-abs(ratings[word]), word))
    return tuple(felt[:MOST_EVIDENCE])


def _numbers(text: str, words: Sequence[str]) -> list[float]:
    said = analyser().polarity_scores(text)
    whole = said["compound"]
    ratings = analyser().lexicon
    felt = [ratings.get(word, 0.0) for word in words]
    good = sum(one for one in felt if one > 0)
    bad = -sum(one for one in felt if one < 0)
    count = max(1, len(felt))
    return [
        *(whole, said["neg"], said["neu"], said["pos"], max(0, whole) ** 2, min(0, whole) ** 2, float(whole == 0)),
        *(math.tanh(good / 4), math.tanh(bad / 4), math.tanh((good - bad) / 4), good / count / 4, bad / count / 4),
        *(max(felt, default=0.0) / 4, min(felt, default=0.0) / 4),
        min(3, len(NEGATIONS.findall(" ".join(words)))) / 3,
        float("!" in text),
        float("?" in text),
    ]
