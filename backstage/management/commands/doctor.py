"""`manage.py doctor`: is this installation well, and if not, what to do."""

import json
import sys
from argparse import ArgumentParser

from django.core.management import BaseCommand

from backstage.operating.checking import check_installation
from backstage.operating.findings import Finding, Level


class Command(BaseCommand):
    """Print every finding; exit code 1 when one is red."""

    help = "Check everything this installation needs, and say what to do."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="for programs")

    def handle(self, *_: object, as_json: bool, **__: object) -> None:
        findings = check_installation()
        if as_json:
            self.stdout.write(json.dumps([finding.as_row() for finding in findings], indent=1))
        else:
            for finding in findings:
                self._tell(finding)
        if any(finding.level is Level.RED for finding in findings):
            sys.exit(1)

    def _tell(self, finding: Finding) -> None:
        paint = {Level.OK: self.style.SUCCESS, Level.WARNING: self.style.WARNING, Level.RED: self.style.ERROR}
        self.stdout.write(f"{paint[finding.level](f'{finding.level:<8}')} {finding.name:<14} {finding.says}")
        if finding.remedy:
            self.stdout.write(f"{'':<23} → {finding.remedy}")
