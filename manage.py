#!/usr/bin/env python
"""Run a command of the product. Migrations use the owner of the tables, everything else the app's own role."""

import os
import sys
from collections.abc import MutableMapping

from django.core.management import execute_from_command_line

NEEDS_OWNER = {"migrate"}
LOCK_TIMEOUT = "-c lock_timeout=10s"  # a migration that cannot get its lock gives up instead of queueing everybody


def prepare(words: list[str], environment: MutableMapping[str, str]) -> None:
    """Set what a command needs before Django reads its settings."""
    environment.setdefault("DJANGO_SETTINGS_MODULE", "ecrm.settings")
    if words[:1] and words[0] in NEEDS_OWNER:
        environment.setdefault("PGOPTIONS", LOCK_TIMEOUT)
        if environment.get("OWNER_DATABASE_URL"):
            environment["DATABASE_URL"] = environment["OWNER_DATABASE_URL"]


if __name__ == "__main__":
    prepare(sys.argv[1:], os.environ)
    execute_from_command_line(sys.argv)
