"""`manage.py stack_facts --json`: the demo's login and keys, for stack.json."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

FIELDS = ("slug", "name", "write_key", "api_key")


class Command(BaseCommand):
    """Print {"login", "workspaces"} of the demo; nothing secret is made here."""

    help = "Print the demo's login, workspaces and keys."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.VAR_DIR / "run" / "demo_keys.json"
        facts = json.loads(path.read_text()) if path.exists() else {"login": None, "workspaces": []}
        facts["workspaces"] = [{name: one[name] for name in FIELDS} for one in facts["workspaces"]]
        self.stdout.write(json.dumps(facts, indent=None if options["json"] else 1))
