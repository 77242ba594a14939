"""Places where upper rooms show something on a lower room's page, without the lower room knowing them."""

from typing import Any

from lib.rooms import house
from workspaces.permissions import may
from workspaces.requests import Request


def panels_at(place: str, request: Request, subject: Any) -> list[dict[str, Any]]:
    """The panels of `place` for `subject`: dicts with the key "template" beside each panel's own context."""
    shown = []
    for panel in house.panels_at(place):
        if panel.permission and not may(request.membership.role, panel.permission):
            continue
        context = panel.context(request, subject)
        if context is not None:
            shown.append({**context, "template": panel.template})
    return shown
