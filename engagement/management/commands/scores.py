"""`manage.py scores --workspace SLUG --at ISO --format csv`: everybody's scores as they stood at a moment."""

import csv
import json
from dataclasses import asdict, astuple
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engagement.scores_before import COLUMNS, scores_before
from lib.clock import is_storable, now
from workspaces.models import Workspace


class Command(BaseCommand):
    """One line for everybody with a fact before the moment: from those facts, by today's model, with all digits."""

    help = (
        "Print everybody's scores from the facts before a moment (a day alone is its midnight in the workspace's zone)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument("--at", default="", metavar="ISO", help="2026-11-26T10:00Z; default: now.")
        parser.add_argument("--format", default="csv", choices=("csv", "json"))

    def handle(self, *args: Any, workspace: str, at: str, **options: Any) -> None:
        place = Workspace.objects.filter(slug=workspace).first()
        if place is None:
            raise CommandError(f"There is no workspace {workspace!r}.")
        lines = scores_before(place, _moment(at, place))
        if options["format"] == "json":
            for line in lines:
                self.stdout.write(json.dumps(asdict(line)))
            return
        out = csv.writer(self.stdout, lineterminator="\n")
        out.writerow(COLUMNS)
        out.writerows(astuple(line) for line in lines)


def _moment(text: str, place: Workspace) -> datetime:
    if not text:
        return now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no moment. Write it as 2026-11-26T10:00Z or 2026-11-26.") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(place.zone))
    if not is_storable(moment):
        raise CommandError(f"{text!r} lies outside of the years 1900 to 2200.")
    return moment
