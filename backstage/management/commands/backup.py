"""`manage.py backup FILE`: everything to one file."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management import BaseCommand, CommandError

from backstage.operating.backing_up import back_up
from backstage.operating.programs import BackupError


class Command(BaseCommand):
    """Back up the whole installation."""

    help = "Write database and uploads to one file, as ecrm_admin (ADMIN_DATABASE_URL)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_: object, file: Path, **__: object) -> None:
        try:
            manifest = back_up(file)
        except BackupError as error:
            raise CommandError(str(error)) from None
        uploads = len(manifest["sha256"]) - 1
        self.stdout.write(f"{file}: {file.stat().st_size / 1e6:.1f} MB, the database and {uploads} uploads")
