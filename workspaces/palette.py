"""What the command palette finds. Rooms register finders; the floor knows the rail and its own pages."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from workspaces.navigation import entries_for
from workspaces.permissions import may
from workspaces.requests import Request

Finder = Callable[[Request, str], list[dict[str, Any]]]
_finders: list[Finder] = []
MOST = 20


def finder(function: Finder) -> Finder:
    """Register a function (request, words) → [{"name", "url", "icon", "hint"}]."""
    if function not in _finders:
        _finders.append(function)
    return function


def find(request: Request, words: str) -> list[dict[str, Any]]:
    """Pages whose name holds the words, then what the rooms find."""
    membership = request.membership
    pages = [
        {"name": str(e["name"]), "url": e["url"], "icon": e["icon"], "hint": _("Page")}
        for e in entries_for(request, membership)
    ]
    pages += [
        {"name": str(name), "url": reverse(url), "icon": icon, "hint": _("Settings")}
        for name, url, icon, permission in (
            (_("Members and roles"), "workspaces:members", "users", "workspace.members"),
            (_("Keys"), "workspaces:keys", "key", "workspace.keys"),
            (_("Audit log"), "workspaces:audit", "list", "workspace.audit"),
        )
        if may(membership.role, permission)
    ]
    wanted = words.lower()
    found = [page for page in pages if wanted in page["name"].lower()]
    if wanted:
        for look in _finders:
            found += look(request, words)
    return found[:MOST]
