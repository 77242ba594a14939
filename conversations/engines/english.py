"""Whether a text is English: how many of its words English people write, against those that others write often.

An identifier of languages alone leaves an eighth of English tweets without a language, and calls short foreign texts
English. The list of words came with the weights; the second list are small words of other languages.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

import numpy as np

from conversations.engines.words import words_of

SURE = 0.90
LIKELY = 0.70
KNOWN_WHERE_LIKELY, KNOWN_ALONE, KNOWN_AGAINST = 0.55, 0.70, 0.85
FEWEST_AGAINST = 4
MOST_FOREIGN_LETTERS = 0.10
FOREIGN_LETTERS = re.compile(r"[^\W\d_\x00-\x7f]")
SMALL_WORDS = Path(__file__).with_name("small_words.txt")
FOREIGN = frozenset(
    word
    for line in SMALL_WORDS.read_text(encoding="utf-8").splitlines()
    for word in line.split()
    if not line.startswith("#")
)


class EnglishWords:
    """The words that English people write, less those that others write more."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words) - FOREIGN

    @classmethod
    def read(cls, kept: np.ndarray) -> Self:
        """The words as `packed` keeps them beside the weights."""
        return cls(kept.tobytes().decode().split("\n"))

    def packed(self) -> np.ndarray:
        """One row of bytes."""
        return np.frombuffer("\n".join(sorted(self._words)).encode(), dtype=np.uint8)

    def speaks(self, text: str, identify: Callable[[], tuple[str, float]]) -> bool | None:
        """Whether this is English; None where no word tells. `identify` (a language, how sure) is asked in doubt only."""
        words = [word for word in words_of(text, name_emoji=False) if word[0].isalpha()]
        if not words:
            return None
        if not text.isascii() and len(FOREIGN_LETTERS.findall(text)) > MOST_FOREIGN_LETTERS * len("".join(words)):
            return False
        known = (sum(word in self._words for word in words) - sum(word in FOREIGN for word in words)) / len(words)
        if known < KNOWN_WHERE_LIKELY or (known >= KNOWN_AGAINST and len(words) >= FEWEST_AGAINST):
            return known >= KNOWN_WHERE_LIKELY
        guess, sure = identify()
        if guess != "en" and sure >= SURE:
            return False
        return (guess == "en" and sure >= LIKELY) or known >= KNOWN_ALONE
