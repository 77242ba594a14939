"""`manage.py analyse_sentiment < TEXTS`: what we understand of each line, as a line of JSON."""

import json
import sys
from argparse import ArgumentParser
from itertools import batched
from typing import Any

from django.core.management.base import BaseCommand

from conversations.classifying import Reading, read_texts
from conversations.engines.protocol import KINDS

AT_ONCE = 200


class Command(BaseCommand):
    help = "Read a text a line from the standard input, and write a JSON line each."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--language", default="", metavar="TAG", help="What the texts' source says: a hint.")
        parser.add_argument(
            "--kind",
            default=KINDS[0],
            choices=KINDS,
            help="Where such texts come from; the shipped weights judge all alike.",
        )

    def handle(self, *_args: Any, language: str, kind: str, **_options: Any) -> None:
        lines = (line.decode("utf-8", "replace").rstrip("\r\n") for line in sys.stdin.buffer)
        for some in batched(lines, AT_ONCE):
            for reading in read_texts([(text, language) for text in some], kinds=[kind] * len(some)):
                self.stdout.write(json.dumps(_told(reading), ensure_ascii=False))


def _told(reading: Reading) -> dict[str, Any]:
    felt = reading.sentiment
    return {
        "label": felt.label,
        "best": felt.best,
        "score": felt.score,
        "confidence": felt.confidence,
        "language": reading.language,
        "intent": str(reading.intent),
        "evidence": list(felt.evidence),
    }
