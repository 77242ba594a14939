"""`manage.py train_sentiment FOLDER`: fit the English engine's weights anew."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conversations.engines.corpora import SENTENCES
from conversations.engines.fitting import train
from conversations.engines.linear import WEIGHTS


class Command(BaseCommand):
    help = "Fit the English engine on the rated texts of a folder, and say what it reaches on sources left out."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder", type=Path, help="Holds hutto_*.txt, goemotions_* and banking77_train.csv, or folders of them."
        )
        parser.add_argument(
            "--weights", type=Path, default=WEIGHTS, metavar="FILE", help="Where to; default: the engine's own."
        )

        parser.add_argument(
            "--sentences", type=Path, default=SENTENCES, metavar="FILE", help="Intent, feeling, trade and text a line."
        )

    def handle(self, *_args: Any, folder: Path, weights: Path, sentences: Path, **_options: Any) -> None:
        try:
            train(folder, weights, self.stdout.write, sentences)
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"Nothing was written. {error}") from error
