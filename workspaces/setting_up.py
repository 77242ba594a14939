"""The first hour: steps whose ticks come from data."""

from typing import Any

from django.urls import reverse

from lib.rooms import house
from workspaces.models import Workspace


def checklist(workspace: Workspace) -> dict[str, Any] | None:
    """Steps for components/setup.html, or None when all are done."""
    rows = [
        {"name": one.name, "why": one.why, "url": reverse(one.url_name), "done": one.is_done(workspace)}
        for one in house.setup_steps
    ]
    left = [row for row in rows if not row["done"]]
    if not left:
        return None
    return {"steps": rows, "done": len(rows) - len(left), "next": left[0]["name"]}
