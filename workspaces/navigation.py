"""The rail: the entries that rooms offer, for one member."""

from typing import Any

from django.urls import reverse

from lib.rooms import house
from workspaces.models import Membership
from workspaces.permissions import may
from workspaces.requests import Request


def entries_for(request: Request, membership: Membership) -> list[dict[str, Any]]:
    """The lines this member may see, with counts, the current one marked."""
    here, shown = request.path, []
    for one in house.navigation:
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


def settings_for(request: Request, membership: Membership) -> list[dict[str, Any]]:
    """The pages of the settings that this member may see, the current one marked."""
    pages = [(one, reverse(one.url_name)) for one in house.settings_pages if may(membership.role, one.permission)]
    return [{"name": one.name, "icon": one.icon, "url": url, "current": request.path == url} for one, url in pages]
