"""`manage.py record_csv FILE --workspace SLUG`: touchpoints from a CSV file, through the one door."""

from itertools import batched
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lib.clock import now
from touchpoints.facts import Fact
from touchpoints.reading_csv import COLUMNS, BadRow, read_facts
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.models import Workspace

BATCH = 1_000
SHOWN = 50


class Command(BaseCommand):
    """Record each row once; refused rows are listed by line. Repeating the same file changes nothing."""

    help = f"Record touchpoints from a CSV file with these columns: {COLUMNS}."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument("--source", default="csv", help="Part of what makes a row the same row.")

    def handle(self, *args: Any, file: Path, workspace: str, source: str, **options: Any) -> None:
        place = Workspace.objects.filter(slug=workspace).first()
        if place is None:
            raise CommandError(f"There is no workspace {workspace!r}. Nothing was recorded.")
        if not file.is_file():
            raise CommandError(f"{file} is not a file. Nothing was recorded.")
        rows = new = 0
        bad: list[BadRow] = []
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for chunk in batched(read_facts(lines, now=now()), BATCH):
                facts = [fact for _line, fact in chunk if isinstance(fact, Fact)]
                bad += [row for _line, row in chunk if isinstance(row, BadRow)]
                rows += len(chunk)
                with working_in(place):
                    if facts:
                        new += record(facts, source=source_for(f"csv-{source}", source)).fresh_count
        self.report(rows, new, bad)

    def report(self, rows: int, new: int, bad: list[BadRow]) -> None:
        """Say what became of the rows; exit with 1 when one was refused."""
        self.stdout.write(f"{rows} rows: {new} recorded, {rows - new - len(bad)} known before, {len(bad)} refused")
        for row in bad[:SHOWN]:
            self.stdout.write(f"line {row.line}: {row.reason}")
        if bad:
            raise CommandError(f"{len(bad)} rows were refused; the others are kept. Mend them and run it again.")
