"""`manage.py import_attendance FILE --workspace SLUG`: who registered for an event, and who came."""

from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError

from imports.facts.readiness import clean_about
from imports.management.importing import ImportCommand
from imports.models import ImportRun
from imports.values import Reading, parse_moment
from workspaces.current import current_workspace


class Command(ImportCommand):
    """Import a list of an event, and say what became of each row."""

    help = "Import who registered for or came to an event, and report by row outcome. A second file adds nothing."
    holds = ImportRun.Holds.ATTENDANCE.value

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--event", default="", metavar="NAME", help="where the file names none")
        parser.add_argument("--at", default="", metavar="MOMENT", help="when it was, such as 2026-05-03 19:00")
        parser.add_argument(
            "--unsaid", choices=["attended", "registered"], default="", help="what they did where no status says it"
        )

    def complete(self, run: ImportRun, options: dict[str, Any]) -> None:
        at = None
        if options["at"]:
            at = parse_moment(options["at"], Reading(zone=ZoneInfo(current_workspace().zone)))
            if at is None:
                raise CommandError(f"“{options['at']}” is no moment. Write it as 2026-05-03 19:00.")
        said = {"event": options["event"], "event_at": at, "unsaid": options["unsaid"]}
        run.about = clean_about(run, said)
