"""`manage.py seed_demo`: two invented brands to look at."""

import time
from typing import Any

from django.core.management.base import BaseCommand

from backstage.demo.seeding import EMAIL, PASSWORD, keep_keys, seed_demo


class Command(BaseCommand):
    """Sow the demo once; a second run finds it there and changes nothing."""

    help = "Make the demo's brands, people and history."

    def handle(self, *args: Any, **options: Any) -> None:
        start = time.monotonic()
        facts = seed_demo()
        if not facts:
            self.stdout.write("The demo is there already.")
            return
        keep_keys(facts)
        names = " and ".join(one["name"] for one in facts)
        self.stdout.write(f"{names} are there after {time.monotonic() - start:.0f} s. Log in as {EMAIL}, {PASSWORD!r}")
