"""`manage.py rebuild_scores --workspace SLUG [--check]`: count all scores anew, or only compare."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engagement.checking import compare_with_rebuild
from engagement.models import Score
from engagement.rebuilding import rebuild_workspace
from workspaces.current import working_in
from workspaces.models import Workspace

TOLERANCE = 1e-9


class Command(BaseCommand):
    """Rebuild from the ledger; with --check change nothing and exit with 1 when anything differs by more than 1e-9."""

    help = "Count the scores of a workspace anew from its ledger."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, workspace: str, check: bool, **options: Any) -> None:
        place = Workspace.objects.filter(slug=workspace).first()
        if place is None:
            raise CommandError(f"There is no workspace {workspace!r}.")
        if not check:
            changed = 0
            for looked_at, newly in rebuild_workspace(place):
                changed += newly
                self.stdout.write(f"{looked_at:,} contacts looked at, {changed:,} scores changed", ending="\r")
            with working_in(place):
                self.stdout.write(f"{Score.objects.count()} people have a score; {changed} of them changed.".ljust(70))
            return
        with working_in(place):
            found = compare_with_rebuild()
        self.stdout.write(f"{found.people} people compared; largest relative difference {found.largest:.1e}")
        if found.largest > TOLERANCE:
            raise CommandError(f"Contact {found.contact_id} differs. Run it without --check to mend it.")
