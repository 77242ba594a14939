"""`manage.py import_orders FILE --workspace SLUG`: what people bought, from a shop's export."""

from argparse import ArgumentParser
from typing import Any

from imports.facts.readiness import clean_about
from imports.management.importing import ImportCommand
from imports.models import ImportRun


class Command(ImportCommand):
    """Import a file of orders, and say what became of each row."""

    help = "Import a file of orders as purchases and refunds, and report by row outcome. A second file adds nothing."
    holds = ImportRun.Holds.ORDERS.value

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--currency", default="", metavar="CODE", help="of amounts for which the file says none")
        parser.add_argument("--shop", default="", metavar="NAME", help="where several shops may give one number")

    def complete(self, run: ImportRun, options: dict[str, Any]) -> None:
        said = {"currency": options["currency"].upper(), "shop": options["shop"]}
        run.about = clean_about(run, said)
