#!/usr/bin/env python
"""Run a command of the product. Migrations use the owner of the tables, everything else the app's own role."""

import os
import sys

from django.core.management import execute_from_command_line

NEEDS_OWNER = {"migrate"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecrm.settings")
    if sys.argv[1:2] and sys.argv[1] in NEEDS_OWNER and os.environ.get("OWNER_DATABASE_URL"):
        os.environ["DATABASE_URL"] = os.environ["OWNER_DATABASE_URL"]
    execute_from_command_line(sys.argv)
