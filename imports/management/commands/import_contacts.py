"""`manage.py import_contacts FILE --workspace SLUG`: the same engine as the page, in one go."""

from argparse import ArgumentParser
from typing import Any

from imports.management.importing import ImportCommand
from imports.models import ImportRun
from workspaces.tracking_mode import TrackingMode


class Command(ImportCommand):
    """Import a file of people, and say what became of each row."""

    help = "Import a file of contacts (or a suppression list) and report by row outcome."
    holds = ImportRun.Holds.PEOPLE.value

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        modes = [mode.name.lower() for mode in TrackingMode]
        parser.add_argument(
            "--tracking", choices=modes, default="", help="how far they let us measure opens and clicks"
        )

    def complete(self, run: ImportRun, options: dict[str, Any]) -> None:
        run.tracking = TrackingMode[options["tracking"].upper()] if options["tracking"] else None
