"""`manage.py train_sentiment FOLDER`: fit the English engine's weights anew; `--workspace SLUG`: learn from corrections."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conversations.engines.corpora import SENTENCES
from conversations.engines.fitting import train
from conversations.engines.linear import WEIGHTS
from conversations.learning_feelings import corrections_by_language, learn_language
from workspaces.current import working_in
from workspaces.models import Workspace

WAYS = ("shipped", "used", "learnt")


class Command(BaseCommand):
    help = "Fit the English engine on the rated texts of a folder, and say what it reaches on sources left out."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder",
            type=Path,
            nargs="?",
            help="Holds hutto_*.txt, goemotions_* and banking77_train.csv, or folders of them.",
        )
        parser.add_argument(
            "--weights", type=Path, default=WEIGHTS, metavar="FILE", help="Where to; default: the engine's own."
        )

        parser.add_argument(
            "--sentences", type=Path, default=SENTENCES, metavar="FILE", help="Intent, feeling, trade and text a line."
        )

        parser.add_argument(
            "--workspace", metavar="SLUG", help="Learn now, as each night, from what people of it corrected."
        )

    def handle(
        self, *_args: Any, folder: Path | None, weights: Path, sentences: Path, workspace: str | None, **_options: Any
    ) -> None:
        if (folder is None) == (workspace is None):
            raise CommandError("Say a folder of rated texts, or --workspace SLUG: one of the two.")
        if workspace is not None:
            self._learn(workspace)
            return
        assert folder is not None  # noqa: S101 - for the type checker: one of the two is there
        try:
            train(folder, weights, self.stdout.write, sentences)
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"Nothing was written. {error}") from error

    def _learn(self, slug: str) -> None:
        found = Workspace.objects.filter(slug=slug).first()
        if found is None:
            raise CommandError(f"There is no workspace {slug}.")
        with working_in(found):
            for language, count in corrections_by_language():
                row = learn_language(language)
                if row is None:
                    self.stdout.write(f"{language}: {count} corrections, too few or nothing new")
                    continue
                told = ", ".join(f"{way} {row.figures[way]['recall']:.3f}" for way in WAYS if way in row.figures)
                self.stdout.write(
                    f"{language}: version {row.version} of {row.taught_count} corrections, {row.get_state_display()}; "
                    f"macro recall on {row.figures['learnt']['count']} it never saw: {told}"
                )
