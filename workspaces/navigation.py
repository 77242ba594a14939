"""The rail's entries. Rooms register theirs; the floor only places them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise

from workspaces.models import Membership
from workspaces.permissions import may
from workspaces.requests import Request


@dataclass(frozen=True)
class Entry:
    """One line of the rail."""

    order: int
    name: str | Promise
    icon: str
    url_name: str
    permission: str
    count: Callable[[], int] | None = None
    foot: bool = False
    unless: str = ""  # who may do this sees another line instead


_entries: list[Entry] = []


def entry(order: int, name: str | Promise, icon: str, url_name: str, permission: str, **more: Any) -> None:
    """Register a line of the rail; called once, from an AppConfig's ready()."""
    line = Entry(order, name, icon, url_name, permission, **more)
    if all(one.url_name != url_name for one in _entries):
        _entries.append(line)
        _entries.sort(key=lambda one: one.order)


def entries_for(request: Request, membership: Membership) -> list[dict[str, Any]]:
    """The lines this member may see, with counts, the current one marked."""
    here, shown = request.path, []
    for one in _entries:
        if not may(membership.role, one.permission) or may(membership.role, one.unless):
            continue
        url = reverse(one.url_name)
        root = f"/w/{membership.workspace.slug}/"
        current = here == url if url == root else here.startswith(url)
        count = one.count() if one.count else 0
        shown.append(
            {"name": one.name, "icon": one.icon, "url": url, "count": count, "current": current, "foot": one.foot}
        )
    return shown
