"""`manage.py find_duplicates --workspace SLUG --csv FILE`: every pair of contacts that may be one person."""

import csv
import io
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts.duplicates.finding import REVIEW_FROM, find_pairs, keep_pairs
from contacts.duplicates.gathering import gather
from contacts.models import Identity
from workspaces.current import working_in
from workspaces.models import Workspace


class Command(BaseCommand):
    """Lines of a, b, score: two external ids ("#" and the number of the contact where there is none), likeliest first."""

    help = (
        "Compare everybody, and write the pairs that may be one person as CSV; with --keep also into the review queue."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument("--csv", default="-", metavar="FILE", help="Where to; default: the standard output.")
        parser.add_argument("--least", type=float, default=REVIEW_FROM, help=f"From which score on; {REVIEW_FROM}.")
        parser.add_argument(
            "--keep", action="store_true", help="They wait for a decision on the page of duplicates, too."
        )

    def handle(self, *args: Any, workspace: str, least: float, **options: Any) -> None:
        place = Workspace.objects.filter(slug=workspace).first()
        if place is None:
            raise CommandError(f"There is no workspace {workspace!r}.")
        if not 0 < least <= 1:
            raise CommandError(f"{least} is no score: it lies between 0 and 1.")
        with working_in(place):
            gathered = gather()
        pairs = sorted(find_pairs(gathered, least=least), key=lambda one: (-one.score, one.left, one.right))
        with working_in(place):
            if options["keep"]:
                keep_pairs([one for one in pairs if one.score >= REVIEW_FROM])
            names = _names({one for pair in pairs for one in (pair.left, pair.right)})
        self._write(options["csv"], [(names[one.left], names[one.right], f"{one.score:.4f}") for one in pairs])

    def _write(self, place: str, rows: list[tuple[str, str, str]]) -> None:
        text = io.StringIO()
        out = csv.writer(text, lineterminator="\n")
        out.writerow(("a", "b", "score"))
        out.writerows(rows)
        if place == "-":
            self.stdout.write(text.getvalue(), ending="")
            return
        try:
            Path(place).write_text(text.getvalue(), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{place} cannot be written: {error.strerror}.") from error


def _names(contact_ids: set[int]) -> dict[int, str]:
    """Each contact's external id, the one known longest."""
    rows = Identity.objects.filter(contact__in=contact_ids, kind=Identity.Kind.EXTERNAL_ID).order_by("-pk")
    return {one: f"#{one}" for one in contact_ids} | dict(rows.values_list("contact_id", "value"))
