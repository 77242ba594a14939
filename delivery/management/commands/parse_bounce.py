"""`manage.py parse_bounce FILE…`: one JSON line a message, saying what it is."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from delivery.bounces.bouncing import read_returned

OURS = {"is_delay", "said_at"}  # for the engine


class Command(BaseCommand):
    help = "Say of each message file what it is: bounce, complaint, autoreply or other."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        for path in options["files"]:
            found = {name: fact for name, fact in asdict(read_returned(path.read_bytes())).items() if name not in OURS}
            found["sent"] = found["sent"] and found["sent"][:3]  # (message, contact, attempt)
            self.stdout.write(json.dumps({"file": str(path), **found}, ensure_ascii=False))
