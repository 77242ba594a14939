"""The first hour: steps whose ticks come from data."""

from typing import Any

from django.urls import reverse

from lib.rooms import house
from workspaces.permissions import may, permission_of
from workspaces.requests import Request


def checklist(request: Request) -> dict[str, Any] | None:
    """Steps for components/setup.html that this member can do, or None when none of them is left.

    A step of a page that is not for the member's role is left out: a link that ends in a refusal helps nobody.
    """
    role = request.membership.role
    rows = [
        {"name": one.name, "why": one.why, "url": reverse(one.url_name), "done": one.is_done(request.workspace)}
        for one in house.setup_steps
        if may(role, permission_of(one.url_name))
    ]
    left = [row for row in rows if not row["done"]]
    if not left:
        return None
    return {"steps": rows, "done": len(rows) - len(left), "next": left[0]["name"]}
