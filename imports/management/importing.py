"""What the commands that import a file share: the same engine as the page, in one go, and one way to report."""

from argparse import ArgumentParser
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError

from consent.models import Basis
from contacts.models import Audience
from imports.accounting import consent_counts
from imports.facts.targets import fact_targets
from imports.mapping import presets
from imports.models import ImportedRow, ImportRun
from imports.running import run_slice, try_out
from imports.starting import FACT_MODES, NotReadyError, UnusableFileError, begin_import, check_ready, copy_file
from imports.targets import targets
from imports.twins import forget
from workspaces.current import working_in
from workspaces.models import Workspace

SHOWN = 20


class ImportCommand(BaseCommand):
    """Import a file, and say what became of each row. `holds` says what its rows are."""

    holds: ClassVar[str]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        names = sorted(one.name for one in presets() if one.holds == self.holds)
        parser.add_argument("--preset", choices=names, default="", help="guessed from the header if left out")
        is_people = self.holds == ImportRun.Holds.PEOPLE
        modes = [mode for mode in ImportRun.Mode.values if (mode in FACT_MODES) != is_people]
        parser.add_argument("--mode", choices=modes, default="", help="guessed by the preset if left out")
        parser.add_argument("--basis", choices=Basis.values, default="")
        parser.add_argument("--proof", default="", metavar="SENTENCE", help="how they consented, in a sentence")
        parser.add_argument("--topic", default="", metavar="KEY", help="what they consented to, such as letter")
        parser.add_argument("--role", choices=[role.name.lower() for role in Audience], default="")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=TARGET",
            help="what a column becomes, such as Status=status; nothing behind the = leaves it out; may be repeated",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace {options['workspace']}.")
        if not options["file"].is_file():
            raise CommandError(f"There is no file {options['file']}.")
        with working_in(workspace):
            run = self._begin(options)
        if options["dry_run"]:
            self._try_out(workspace, run)
            return
        is_more = True
        while is_more:
            with working_in(workspace):
                is_more = run_slice(run)
        with working_in(workspace):
            self._report(run)

    def _begin(self, options: dict[str, Any]) -> ImportRun:
        path = copy_file(options["file"])
        try:
            name, how = options["file"].name, {one: options[one] for one in ("preset", "mode")}
            run = begin_import(path, name, holds=self.holds, **how)
            self._map(run, options["map"])
            run.basis, run.proof, run.topic_key = options["basis"], options["proof"], options["topic"]
            self.complete(run, options)
            run.role = int(Audience[options["role"].upper()]) if options["role"] else None
            check_ready(run)
        except (UnusableFileError, NotReadyError) as error:
            path.unlink(missing_ok=True)
            raise CommandError(str(error)) from error
        run.state = ImportRun.State.MAPPING if options["dry_run"] else ImportRun.State.WAITING
        run.save()
        return run

    def complete(self, run: ImportRun, options: dict[str, Any]) -> None:
        """Put to the run what options of this command alone say. CommandError."""

    def targets(self) -> Collection[str]:
        """What a column can become."""
        return targets() if self.holds == ImportRun.Holds.PEOPLE else fact_targets(self.holds)

    def _map(self, run: ImportRun, told: list[str]) -> None:
        for one in told:
            column, _equals, target = one.rpartition("=")
            if column not in run.mapping or target not in self.targets():
                raise CommandError(f"There is no column “{column}”, or nothing is called “{target}”.")
            run.mapping[column] = target

    def _try_out(self, workspace: Workspace, run: ImportRun) -> None:
        with working_in(workspace):
            trial = try_out(run, limit=10**9)
            forget(Path(run.path))
            run.delete()
        self._table(run, dict(trial.counts), "would be")
        self._words(trial.words)
        for samples in trial.samples.values():
            for line, reason, _cells in samples:
                if reason:
                    self.stdout.write(f"  line {line}: {reason}")
        if trial.stopped:
            raise CommandError(trial.stopped)

    def _report(self, run: ImportRun) -> None:
        run.refresh_from_db()
        self._table(run, run.counts, "is")
        self._words(run.words)
        noted = ImportedRow.objects.filter(run=run).exclude(reason="").order_by("line")
        for row in noted[:SHOWN]:
            self.stdout.write(f"  line {row.line}: {row.get_outcome_display()}. {row.reason}")
        if noted.count() > SHOWN:
            self.stdout.write(f"  … and {noted.count() - SHOWN} more")
        forget(Path(run.path))
        if run.state == ImportRun.State.FAILED:
            raise CommandError(f"{run.error} {run.rows_done} rows are kept.")

    def _table(self, run: ImportRun, counts: dict[str, int], word: str) -> None:
        names = dict(ImportedRow.Outcome.choices)
        self.stdout.write(f"{run.file_name}: {sum(counts.values())} rows, {run.get_mode_display()}")
        for outcome, count in sorted(counts.items(), key=lambda pair: -pair[1]):
            self.stdout.write(f"{count:>8}  {word} {str(names[outcome]).lower()}")

    def _words(self, words: Mapping[str, int]) -> None:
        for label, count in consent_counts(words):
            self.stdout.write(f"{count:>8}  {label}")
