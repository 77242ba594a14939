"""Fit the confidence of the English word-list engine: how often is its label right, by how strong it sounds?

    python -m tools.calibrate_sentiment hutto_tweets.txt goemotions_labels.txt goemotions_train.tsv goemotions_dev.tsv

Knots are fitted on the tweets (number, mean human rating −4…4, text) and as many comments of the second set's train
part, and printed for social/engines/vader.py; the shipped ones are measured on its dev part, which nothing was fitted
on. On the tweets the fit is measured by fifths held out; the word list's authors made those ratings, so they flatter.
"""

import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from conversations.engines.vader import BOUNDS, KNOTS, label_of

LABELS = ("neg", "neu", "pos")
NEUTRAL_UNTIL = 0.5
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
Row = tuple[str, float]  # gold label, compound


def read_hutto(path: Path, score: Callable[[str], float]) -> list[Row]:
    rows = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        _number, rating, text = line.split("\t", 2)
        value = float(rating)
        gold = "pos" if value > NEUTRAL_UNTIL else "neg" if value < -NEUTRAL_UNTIL else "neu"
        rows.append((gold, score(text)))
    return rows


def read_goemotions(path: Path, names: Path, score: Callable[[str], float]) -> list[Row]:
    words, rows = names.read_text().split(), []
    for line in path.read_text(encoding="utf-8").splitlines():
        text, numbers, _id = line.split("\t")
        felt = {words[int(number)] for number in numbers.split(",")}
        signs = {"pos" for one in felt if one in POSITIVE} | {"neg" for one in felt if one in NEGATIVE}
        if len(signs) == 1:
            rows.append((signs.pop(), score(text)))
        elif felt == {"neutral"}:
            rows.append(("neu", score(text)))
    return rows


def fit(rows: Sequence[Row]) -> dict[str, list[float]]:
    """For each label: the share that is right at each bound of |compound|, never falling (pool adjacent violators).

    Neutral is free to fall: the stronger a text sounds, the less likely it is neutral.
    """
    knots = {}
    for label in LABELS:
        mine = [(abs(c), gold == label) for gold, c in rows if label_of(c) == label]
        bounds = BOUNDS[label]
        edges = [-1.0, *[(a + b) / 2 for a, b in pairwise(bounds)], 2.0]
        blocks: list[list[float]] = []  # sum right, count, bounds covered
        for low, high in pairwise(edges):
            part = [right for strength, right in mine if low < strength <= high]
            blocks.append([sum(part) + 0.5, len(part) + 1.0, 1])
            while label != "neu" and len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
                last = blocks.pop()
                blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
        knots[label] = [round(right / count, 3) for right, count, covered in blocks for _ in range(int(covered))]
    return knots


def confidence(compound: float, knots: dict[str, list[float]]) -> float:
    label = label_of(compound)
    return float(np.interp(abs(compound), BOUNDS[label], knots[label]))


def measure(name: str, rows: Sequence[Row], knots: dict[str, list[float]]) -> None:
    right = np.array([label_of(c) == gold for gold, c in rows])
    sure = np.array([confidence(c, knots) for _gold, c in rows])
    gaps = 0.0
    for low in np.arange(0, 1, 0.1):
        inside = (sure > low) & (sure <= low + 0.1)
        if inside.any():
            gaps += inside.mean() * abs(right[inside].mean() - sure[inside].mean())
    recalls = [np.mean([label_of(c) == label for gold, c in rows if gold == label]) for label in LABELS]
    said = sure >= 0.5
    sys.stdout.write(
        f"{name}: {len(rows)} texts, macro recall {np.mean(recalls):.3f} (neg neu pos "
        f"{' '.join(f'{one:.3f}' for one in recalls)}), calibration error {gaps:.3f}, "
        f"{said.mean():.0%} not unclear, of these right {right[said].mean():.3f}\n"
    )


def main() -> None:
    analyser = SentimentIntensityAnalyzer()

    def score(text: str) -> float:
        return float(analyser.polarity_scores(text)["compound"])

    tweets, names = read_hutto(Path(sys.argv[1]), score), Path(sys.argv[2])
    comments = read_goemotions(Path(sys.argv[3]), names, score)[: len(tweets)]
    order = np.random.default_rng(7).permutation(len(tweets))
    for fold in range(5):
        test = [tweets[i] for i in order[fold::5]]
        train = [tweets[i] for at, i in enumerate(order) if at % 5 != fold]
        measure(f"tweets, held out {fold + 1}", test, fit([*train, *comments]))
    sys.stdout.write(f"KNOTS = {fit([*tweets, *comments])}\n")
    measure("comments of the dev part, shipped knots", read_goemotions(Path(sys.argv[4]), names, score), KNOTS)


if __name__ == "__main__":
    main()
