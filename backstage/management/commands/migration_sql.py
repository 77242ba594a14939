"""`migration_sql DIRECTORY`: the SQL of our own migrations as files, for a linter to read."""

from argparse import ArgumentParser
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader


class Command(BaseCommand):
    """Write `<app>.<migration>.sql` for every migration that lies in this repository."""

    help = "Write the SQL of every migration of the product's own apps into a directory."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path)

    def handle(self, *_: object, directory: Path, **__: object) -> None:
        loader = MigrationLoader(connection, replace_migrations=False)
        for app, name in sorted(loader.disk_migrations):
            if not (settings.BASE_DIR / app / "migrations").is_dir():
                continue
            text = StringIO()
            call_command("sqlmigrate", app, name, stdout=text, no_color=True)
            (directory / f"{app}.{name}.sql").write_text(text.getvalue())
