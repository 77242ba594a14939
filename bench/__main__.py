"""`python -m bench [name …]`: run benchmarks in a workspace of their own on the database of DATABASE_URL."""

import importlib
import os
import pkgutil
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecrm.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")
os.environ.setdefault("ECRM_FETCH_LOOPBACK", "1")  # its own servers listen there
django.setup()

import bench  # noqa: E402
from workspaces.founding import found_workspace  # noqa: E402
from workspaces.models import Workspace  # noqa: E402


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all of them."""
    workspace = Workspace.objects.filter(slug="bench").first() or found_workspace("bench", "Benchmarks")
    for name in names or [m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_")]:
        print(f"== {name}")
        importlib.import_module(f"bench.{name}").run(workspace)


main(sys.argv[1:])
