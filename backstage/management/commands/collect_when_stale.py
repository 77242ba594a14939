"""`manage.py collect_when_stale`: `collectstatic`, unless what lies there was made of the sources as they are."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command

from lib.web.static_files import are_collected


class Command(BaseCommand):
    """Static files under hashed names, packed; a second run finds them there and changes nothing."""

    help = "Collect the static files when their sources have changed."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not are_collected(Path(settings.STATIC_ROOT)):
            call_command("collectstatic", interactive=False, verbosity=0)
