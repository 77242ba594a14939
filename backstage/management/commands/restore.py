"""`manage.py restore FILE`: everything from one file."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management import BaseCommand, CommandError

from backstage.operating.programs import BackupError
from backstage.operating.restoring import restore


class Command(BaseCommand):
    """Restore a backup into an empty installation, or over this one with --force."""

    help = "Restore database and uploads from a file made by `backup`. Stop web, worker and beat first."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="replace a database that is not empty")

    def handle(self, *_: object, file: Path, force: bool, **__: object) -> None:
        try:
            manifest = restore(file, force=force)
        except BackupError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Restored what was backed up at {manifest['made_at']}. Now run: manage.py migrate")
        self.stdout.write("Then, so that who was erased since stays erased: manage.py replay_erasures")
