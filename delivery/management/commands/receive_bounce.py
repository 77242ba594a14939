"""`manage.py receive_bounce < message`: the pipe of a mail server for returned emails and complaints."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from delivery.bounces.inbound_mail import receive
from workspaces.models import Workspace

MOST_BYTES = 10_000_000


class Command(BaseCommand):
    help = "Take one returned message from standard input; its effect happens once. Prints what it was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", help="whose email it is, when the return path does not say")
        parser.add_argument("--recipient", help="the address it was sent to, when the message does not say")

    def handle(self, *_args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read(MOST_BYTES)
        if not raw.strip():
            raise CommandError("Nothing came in on standard input.")
        if options["recipient"]:
            raw = f"Delivered-To: {options['recipient'].splitlines()[0]}\n".encode() + raw
        workspace = Workspace.objects.filter(slug=options["workspace"]).first() if options["workspace"] else None
        effect = receive(raw, workspace=workspace)
        self.stdout.write(json.dumps(asdict(effect), ensure_ascii=False))
