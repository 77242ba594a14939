"""A sending process as a worker is one: begun anew, with nothing of the bench's own memory in it."""

import re
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

import django
from django.conf import settings
from django.urls import get_resolver


def send_all(slug: str, together: Any, heard: Any, records: bool) -> None:
    """Load all of the product, wait for the others, send until nothing is left; puts (s of Python, s of PostgreSQL, MB) into `heard`.

    Without `records` the ledger hears of nothing. Its memory is the most that it ever had resident, shared pages included.
    """
    sys.modules["rich"] = None  # type: ignore[assignment] # developers' tools bring it; where one sends there is none
    django.setup()
    from bench.recording import backend_seconds  # noqa: PLC0415 - models are there once the product is set up
    from delivery.engine import finishing  # noqa: PLC0415
    from delivery.engine.sending import send_slice  # noqa: PLC0415
    from workspaces.current import working_in  # noqa: PLC0415
    from workspaces.models import Workspace  # noqa: PLC0415

    workspace = Workspace.objects.get(slug=slug)
    get_resolver(settings.PUBLIC_URLCONF).reverse_dict  # noqa: B018 - asking for it reads them, as who has sent before has
    together.wait()
    with working_in(workspace):
        began, postgres = time.process_time(), backend_seconds()
    with nullcontext() if records else mock.patch.object(finishing, "record"):
        while send_slice(workspace):
            pass
    with working_in(workspace):
        spent = backend_seconds() - postgres
    heard.put((time.process_time() - began, spent, _most_resident()))


def _most_resident() -> float:
    """Megabytes (Linux); getrusage's figure is that of whoever began us, where it had more."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1000 if found else 0.0
