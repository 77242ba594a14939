"""`manage.py createworkspace SLUG --name NAME [--owner EMAIL] [--json]`: a workspace with its first keys."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug
from django.db import transaction

from workspaces.current import working_in
from workspaces.founding import found_workspace
from workspaces.keys import make_key
from workspaces.models import User, Workspace


class Command(BaseCommand):
    """Make a workspace and print its slug, write_key (server) and api_key. The keys are shown this once."""

    help = "Make a workspace with a server write key and an API key."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--name", required=True)
        parser.add_argument("--owner", default="", help="Email of a user who becomes its owner.")
        parser.add_argument("--zone", default="UTC")
        parser.add_argument("--json", action="store_true")

    @transaction.atomic
    def handle(self, *args: Any, slug: str, name: str, owner: str, zone: str, **options: Any) -> None:
        try:
            validate_slug(slug)
        except ValidationError as error:
            raise CommandError(f"{slug!r} is no short name: letters, digits, hyphens. Nothing was made.") from error
        if Workspace.objects.filter(slug=slug).exists():
            raise CommandError(f"There is a workspace {slug!r} already. Nothing was changed.")
        user = User.objects.filter(email=owner.lower()).first() if owner else None
        if owner and user is None:
            raise CommandError(f"Nobody has the address {owner!r}. Nothing was made.")
        workspace = found_workspace(slug, name, owner=user, zone=zone)
        with working_in(workspace):
            facts = {
                "slug": slug,
                "write_key": make_key("server", "First server key", by=user)[1],
                "api_key": make_key("api", "First API key", by=user)[1],
            }
        if options["json"]:
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write("\n".join(f"{key}: {value}" for key, value in facts.items()))
