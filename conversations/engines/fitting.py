"""Everything train_sentiment does: fit, measure on sources that were left out, calibrate on those scores, write the weights.

A source's figures are those of weights that never saw it, under biases and a temperature of the other sources' scores:
each by weights that saw neither it nor the source that is measured (averaging.py).
"""

import json
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from conversations.engines.averaging import Averaged
from conversations.engines.corpora import SENTENCES, SOURCES, Rated, Source, read_source
from conversations.engines.english import EnglishWords
from conversations.engines.linear import INTENTS, PARTS, SURE_ENOUGH, Fitted, Scorer, softmax
from conversations.engines.training import Examples, calibration_error, fit, join, recalls, to_examples
from conversations.engines.words import analyser, words_of

FOLDS = 5
FEWEST_OF_WORD = 4
FINEST = 128  # steps a weight: a file of half the length, whose scores differ by less than a hundredth


@dataclass(frozen=True, slots=True)
class _Read:
    source: Source
    rated: list[Rated]
    examples: Examples

    @property
    def asked(self) -> Examples:
        """Every text with its feeling, doubtful ones included."""
        labels = np.array([one.feeling for one in self.rated])
        return Examples(self.examples.rows, self.examples.numbers, labels, np.ones(len(labels)))

    def known(self, what: str) -> Examples:
        """Those whose feeling (or intent) is known and not doubtful, weighed for it."""
        values = [getattr(one, what) for one in self.rated]
        places = [at for at, value in enumerate(values) if value is not None and not self.rated[at].is_doubtful]
        weight = self.source.weight if what == "feeling" else self.source.intent_weight
        some = self.examples.some(np.array(places, dtype=np.int64))
        labels = np.array([values[at] for at in places], dtype=np.int64)
        return Examples(some.rows, some.numbers, labels, np.full(len(labels), weight))


def train(folder: Path, weights: Path, say: Callable[[str], None], sentences: Path = SENTENCES) -> None:
    """Write the weights fitted on what lies in the folder, saying what was used and reached. FileNotFoundError."""
    read = {}
    for source in SOURCES:
        rated = read_source(source, folder, sentences)
        read[source.name] = _Read(source, rated, to_examples([one.text for one in rated], [0] * len(rated)))
        say(f"{source.name}: {len(rated)} texts of {source.file or 'our own'}, kind {source.kind}")
    felt = {name: one for name, one in read.items() if one.source.weight}
    feelings = Averaged(
        {name: one.known("feeling") for name, one in felt.items()}, {name: one.asked for name, one in felt.items()}
    )
    _measure_feelings(feelings, say)
    _measure_intents(read, say)
    fitted = feelings.chances()
    _write(weights, read, feelings.weights(), fitted)
    say(f"biases {fitted.bias.round(2).tolist()}, temperature {fitted.temperature:.2f}")
    say(f"{weights}: {weights.stat().st_size / 1e6:.2f} MB")


def _measure_feelings(feelings: Averaged, say: Callable[[str], None]) -> None:
    """Say what is reached on each source as if it had never been at hand, and the means."""
    found, errors = [], []
    for name, asked in feelings.asked.items():
        chances = feelings.chances(name).chances(feelings.scores(name))
        say(_figures(name, asked.labels, chances))
        found.append(recalls(asked.labels, chances).mean())
        errors.append(calibration_error(asked.labels, chances))
    say(f"mean of sources left out: macro recall {np.mean(found):.3f}, calibration error {np.mean(errors):.3f}")


def _figures(name: str, labels: np.ndarray, chances: np.ndarray) -> str:
    found = recalls(labels, chances)
    each = " ".join(f"{one:.3f}" for one in found)
    return (
        f"{name}, left out: {len(labels)} texts, macro recall {found.mean():.3f} (neg neu pos {each}), "
        f"calibration error {calibration_error(labels, chances):.3f}, unclear {(chances.max(axis=1) < SURE_ENOUGH).mean():.0%}"
    )


def _measure_intents(read: Mapping[str, _Read], say: Callable[[str], None]) -> None:
    """Our own sentences, the trades of a fold judged by weights of the other trades."""
    own = read["sentences"].known("intent")
    folds = np.array([zlib.crc32(one.group.encode()) % FOLDS for one in read["sentences"].rated])
    others = [one.known("intent") for name, one in read.items() if name != "sentences" and one.source.intent_weight]
    chances = np.zeros((len(folds), len(INTENTS)))
    for fold in range(FOLDS):
        out = np.flatnonzero(folds == fold)
        scorer = fit(join([own.some(np.flatnonzero(folds != fold)), *others]), len(INTENTS))
        part = own.some(out)
        chances[out] = softmax(scorer.score(part.rows, part.numbers))
    found = " ".join(f"{name} {one:.2f}" for name, one in zip(INTENTS, recalls(own.labels, chances), strict=True))
    say(f"intents of our own sentences, whole trades left out: recall {found}")
    for bar in (0.3, 0.4, 0.5, 0.6, 0.7):
        said, right = chances[:, 0] >= bar, own.labels == 0
        say(f"  complaint from {bar}: recall {said[right].mean():.3f}, precision {right[said].mean():.3f}")


def _write(weights: Path, read: Mapping[str, _Read], feelings: Scorer, fitted: Fitted) -> None:
    intents = fit(join([one.known("intent") for one in read.values() if one.source.intent_weight]), len(INTENTS))
    arrays = {
        f"{name}_{part}": (np.rint(getattr(scorer, part) * FINEST) / FINEST).astype(np.float16)
        for name, scorer in (("feelings", feelings), ("intents", intents))
        for part in PARTS
    }
    about = {
        "version": f"{zlib.crc32(feelings.weights.tobytes() + intents.weights.tobytes()):08x}",
        "fitted": {"bias": fitted.bias.round(3).tolist(), "temperature": round(fitted.temperature, 3)},
    }
    words = EnglishWords(_common_words(read)).packed()
    np.savez_compressed(weights, english=words, about=np.array(json.dumps(about)), **arrays)


def _common_words(read: Mapping[str, _Read]) -> set[str]:
    counts: Counter[str] = Counter()
    for one in read.values():
        for rated in one.rated:
            counts.update(set(words_of(rated.text)))
    listed = {word for word in analyser().lexicon if word.isalpha()}
    return listed | {
        word for word, count in counts.items() if count >= FEWEST_OF_WORD and word[0].isascii() and word[0].isalpha()
    }
