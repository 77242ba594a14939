"""Texts as rows of hashed features: words, pairs of words, and pieces of 3 to 5 letters, all of a batch at once.

The numbers of features are the same on every machine and in every process: shipped weights are read by them, so a
change here needs weights trained anew (`manage.py train_sentiment`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conversations.engines.words import words_of

BITS = 18
PIECES = (3, 4, 5)
WORD, PAIR, PIECE = (np.uint64(one) for one in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
STEP = 0x5851F42D4C957F2D  # odd: has an inverse modulo 2**64
STEP_BACK = pow(STEP, -1, 2**64)
END = ord("\n")


@dataclass(frozen=True, slots=True)
class Rows:
    """The features of a batch: those of text i are `columns[starts[i]:starts[i + 1]]`, each once, ascending."""

    columns: np.ndarray
    starts: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """How many each text has."""
        return np.diff(self.starts)


def hash_features(texts: Sequence[str]) -> Rows:
    """The features of each text, in order. A text without words has none."""
    return hash_words([words_of(text) for text in texts])


def hash_words(texts: Sequence[Sequence[str]]) -> Rows:
    """The same for texts whose words were taken already."""
    line = "".join(f" {' '.join(words)} \n" for words in texts)
    codes = np.frombuffer(line.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    owners = np.cumsum(codes == END, dtype=np.int64)
    sums = _prefix_sums(codes)
    found = [_words(codes, owners, sums), *(_pieces(codes, owners, sums, length) for length in PIECES)]
    keys = np.sort(np.concatenate([key for keys in found for key in (keys if isinstance(keys, tuple) else (keys,))]))
    keys = keys[np.diff(keys, prepend=-1) != 0]  # np.unique takes five times as long
    starts = np.searchsorted(keys >> BITS, np.arange(len(texts) + 1))
    return Rows((keys & ((1 << BITS) - 1)).astype(np.int32), starts.astype(np.int64))


def _prefix_sums(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of code × STEP**place before each place, and STEP**-place: a piece's hash is one subtraction, modulo 2**64."""
    powers = np.cumprod(np.full(len(codes) + 1, STEP, dtype=np.uint64)) * np.uint64(STEP_BACK)
    back = np.cumprod(np.full(len(codes) + 1, STEP_BACK, dtype=np.uint64)) * np.uint64(STEP)
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(codes * powers[:-1], out=sums[1:])
    return sums, back


def _words(codes: np.ndarray, owners: np.ndarray, sums: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    before, back = sums
    gap = (codes == ord(" ")) | (codes == END)
    starts = np.flatnonzero(~gap[1:] & gap[:-1]) + 1
    ends = np.flatnonzero(gap[1:] & ~gap[:-1]) + 1
    each = (before[ends] - before[starts]) * back[starts]
    owner = owners[starts]
    beside = owner[1:] == owner[:-1]
    pairs = (each[:-1] * PAIR + each[1:])[beside]
    return _keys(each, owner, WORD), _keys(pairs, owner[1:][beside], PAIR)


def _pieces(codes: np.ndarray, owners: np.ndarray, sums: tuple[np.ndarray, np.ndarray], length: int) -> np.ndarray:
    """Pieces of one word, its bounds being letters too."""
    before, back = sums
    last = len(codes) - length
    if last < 0:
        return np.zeros(0, dtype=np.int64)
    gaps = np.concatenate([[0], np.cumsum(codes == ord(" "))])
    at = np.arange(last + 1)
    inside = gaps[at + length - 1] == gaps[at + 1]
    whole = inside & (owners[at] == owners[at + length - 1]) & (codes[at] != END)
    at = at[whole]
    return _keys((before[at + length] - before[at]) * back[at] + np.uint64(length), owners[at], PIECE)


def _keys(hashes: np.ndarray, owners: np.ndarray, salt: np.uint64) -> np.ndarray:
    mixed = hashes * salt
    mixed ^= mixed >> np.uint64(29)
    mixed *= WORD
    return (owners << BITS) | (mixed >> np.uint64(64 - BITS)).astype(np.int64)
