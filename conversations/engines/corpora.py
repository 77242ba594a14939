"""The rated texts that weights are fitted on, read from their publishers' files and from our own sentences."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conversations.engines.linear import INTENTS, LABELS

SENTENCES = Path(__file__).with_name("sentences.tsv")
NEUTRAL_UNTIL = 0.5  # of ratings from -4 to 4
DOUBTFUL = 0.25  # nearer to the bound than this the raters did not agree: measured, but not fitted on
STRONG = 1.0
POSITIVE = frozenset(
    [
        "admiration",
        "amusement",
        "approval",
        "caring",
        "desire",
        "excitement",
        "gratitude",
        "joy",
        "love",
        "optimism",
        "pride",
        "relief",
    ]
)
NEGATIVE = frozenset(
    [
        "anger",
        "annoyance",
        "disappointment",
        "disapproval",
        "disgust",
        "embarrassment",
        "fear",
        "grief",
        "nervousness",
        "remorse",
        "sadness",
    ]
)
NEUTRAL = frozenset(
    [
        "neutral",
        "curiosity",
        "realization",
        "confusion",
    ]
)
ASKS = re.compile(r"(?:please|help|i (?:want|need|would like)|i'd like|can you|could you)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rated:
    """One text: how it feels (a number of LABELS) and what it wants (of INTENTS), where that is known.

    `group` holds texts together that must not stand on both sides of a measurement. `is_doubtful`: only measured on.
    """

    text: str
    feeling: int | None
    intent: int | None = None
    group: str = ""
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where texts are from: its kind (protocol.KINDS), how much each text counts for feelings and for intents."""

    name: str
    file: str
    kind: str
    weight: float
    intent_weight: float


SOURCES = (
    Source("tweets", "hutto_tweets.txt", "post", 2, 0),
    Source("reviews", "hutto_amazonReviewSnippets.txt", "review", 2, 0.5),
    Source("editorials", "hutto_nytEditorialSnippets.txt", "comment", 1, 0),
    Source("comments", "goemotions_train.tsv", "comment", 1, 0.2),
    Source("sentences", "", "post", 4, 6),
    Source("questions", "banking77_train.csv", "post", 0, 0.3),
)


def read_source(source: Source, folder: Path, sentences: Path = SENTENCES) -> list[Rated]:
    """Its texts. FileNotFoundError where the folder, or one below it, does not hold the file."""
    if not source.file:
        return list(_sentences(sentences))
    path = find_file(folder, source.file)
    if source.file.startswith("hutto"):
        return list(_hutto(path, is_review=source.kind == "review"))
    if source.file.startswith("goemotions"):
        return list(read_goemotions(path, find_file(folder, "goemotions_labels.txt")))
    return list(_banking(path))


def find_file(folder: Path, name: str) -> Path:
    """Where this file lies, in the folder or below it. FileNotFoundError."""
    for path in sorted(folder.rglob(name)):
        return path
    raise FileNotFoundError(f"{folder} holds no {name}.")


def read_goemotions(path: Path, names: Path) -> Iterator[Rated]:
    """Comments of one feeling, or of none; those of two opposite ones, or of surprise alone, are left out."""
    emotions = names.read_text(encoding="utf-8").split()
    for line in path.read_text(encoding="utf-8").splitlines():
        text, numbers, _id = line.split("\t")
        felt = {emotions[int(number)] for number in numbers.split(",")}
        signs = {2 for one in felt if one in POSITIVE} | {0 for one in felt if one in NEGATIVE}
        if len(signs) == 1:
            yield Rated(
                text, signs.pop(), INTENTS.index("praise") if felt <= {"gratitude", "admiration", "love"} else None
            )
        elif not signs and felt <= NEUTRAL:
            wish = "question" if text.rstrip().endswith("?") else "other"
            yield Rated(text, 1, INTENTS.index(wish))


def read_labelled(path: Path) -> Iterator[Rated]:
    """Lines of a text, a tabulator and neg, neu or pos. ValueError with the line's number."""
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        text, _tab, label = line.rstrip("\r").rpartition("\t")
        if label.strip() in LABELS and text.strip():
            yield Rated(text, LABELS.index(label.strip()))
        elif line.strip() and not (number == 1 and label.strip().lower() == "label"):
            raise ValueError(f"Line {number} is not a text, a tabulator and neg, neu or pos: {line[:60]!r}")


def _sentences(path: Path) -> Iterator[Rated]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Rated(row["text"], LABELS.index(row["feeling"]), INTENTS.index(row["intent"]), row["trade"])


def _hutto(path: Path, *, is_review: bool) -> Iterator[Rated]:
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        _number, rating, text = line.split("\t", 2)
        value = float(rating)
        intent = None
        if is_review and abs(value) >= STRONG:
            intent = INTENTS.index("praise" if value > 0 else "complaint")
        feeling = 2 if value > NEUTRAL_UNTIL else 0 if value < -NEUTRAL_UNTIL else 1
        yield Rated(text, feeling, intent, is_doubtful=abs(abs(value) - NEUTRAL_UNTIL) < DOUBTFUL)


def _banking(path: Path) -> Iterator[Rated]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            text = row["text"].strip()
            if text.endswith("?"):
                yield Rated(text, None, INTENTS.index("question"))
            elif ASKS.match(text):
                yield Rated(text, None, INTENTS.index("request"))
