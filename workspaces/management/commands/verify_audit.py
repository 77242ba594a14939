"""`manage.py verify_audit`: has anybody rewritten the audit log?"""

import sys
from argparse import ArgumentParser

from django.core.management import BaseCommand, CommandError

from workspaces.audit_chain import Verdict, verify_audit
from workspaces.models import Workspace


class Command(BaseCommand):
    """Read every chain anew; exit code 1 when one is broken."""

    help = "Check the chain of the audit log of each workspace, or of one, and print its head."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", help="the short name of one workspace")
        parser.add_argument("--head", default="", help="a head that you wrote down earlier: it must still be there")

    def handle(self, *_: object, workspace: str | None, head: str, **__: object) -> None:
        if head and not workspace:
            raise CommandError("--head speaks of one chain: name its --workspace too.")
        asked = Workspace.objects.filter(slug=workspace) if workspace else Workspace.objects.all()
        if workspace and not asked:
            raise CommandError(f"There is no workspace {workspace}.")
        verdicts = [self._tell(one.slug, verify_audit(one, expected=head)) for one in asked.order_by("slug")]
        if not all(verdicts):
            sys.exit(1)

    def _tell(self, slug: str, verdict: Verdict) -> bool:
        said = f"{verdict.sealed_count} sealed, {verdict.waiting_count} waiting, head {verdict.head or 'none yet'}"
        is_whole = not verdict.problems
        paint = self.style.SUCCESS if is_whole else self.style.ERROR
        self.stdout.write(f"{slug:<24} {paint('whole' if is_whole else 'BROKEN')}  {said}")
        for problem in verdict.problems:
            self.stdout.write(f"{'':<24}   {problem}")
        return is_whole
