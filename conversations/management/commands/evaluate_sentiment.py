"""`manage.py evaluate_sentiment FILE.tsv`: how often the whole pipeline is right about texts that people labelled."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from conversations.classifying import Reading, read_texts
from conversations.engines.corpora import read_labelled
from conversations.engines.linear import LABELS
from conversations.engines.protocol import KINDS
from conversations.engines.training import calibration_error_of


class Command(BaseCommand):
    """A text of a language that no engine speaks counts as missed."""

    help = "Read lines of a text, a tabulator and neg, neu or pos, and say how often `best` is right, and how fast."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--language", default="", metavar="TAG", help="What the texts' source says: a hint.")
        parser.add_argument(
            "--kind",
            default=KINDS[0],
            choices=KINDS,
            help="Where such texts come from; the shipped weights judge all alike.",
        )

    def handle(self, *_args: Any, file: Path, language: str, kind: str, **_options: Any) -> None:
        try:
            rated = list(read_labelled(file))
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        if not rated:
            raise CommandError(f"{file} holds no text.")
        texts = [(one.text, language) for one in rated]
        read_texts(texts[:1])  # loads the weights
        started = time.process_time()
        readings = read_texts(texts, kinds=[kind] * len(texts))
        spent = time.process_time() - started
        self._tell([LABELS[one.feeling or 0] for one in rated], readings)
        self.stdout.write(f"texts a second of one core: {len(texts) / max(spent, 1e-9):.0f}")

    def _tell(self, gold: list[str], readings: list[Reading]) -> None:
        best = [one.sentiment.best for one in readings]
        found = {}
        for label in LABELS:
            mine = [one == label for one, right in zip(best, gold, strict=True) if right == label]
            if mine:
                found[label] = sum(mine) / len(mine)
        right = np.array([one == label for one, label in zip(best, gold, strict=True)])
        sure = np.array([one.sentiment.confidence for one in readings])
        said = np.array([one.sentiment.label != "unc" for one in readings])
        for line in (
            f"texts: {len(gold)}",
            f"macro recall of best: {np.mean(list(found.values())):.3f}",
            *(f"recall {label}: {share:.3f}" for label, share in found.items()),
            f"right: {right.mean():.3f}",
            f"calibration error (ECE): {calibration_error_of(sure, right):.3f}",
            f"unclear: {1 - said.mean():.3f}",
            f"of a language that no engine speaks: {np.mean([not one for one in best]):.3f}",
        ):
            self.stdout.write(line)
        if said.any():
            self.stdout.write(f"right where not unclear: {right[said].mean():.3f}")
