"""The rail: the entries that rooms offer, for one member."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from lib.offers import NavigationEntry
from lib.rooms import house
from workspaces.models import Membership
from workspaces.permissions import may
from workspaces.requests import Request


def entries_for(request: Request, membership: Membership) -> list[dict[str, Any]]:
    """The lines this member may see, with counts, the current one marked."""
    return _shown(house.navigation, request, membership)


def people_pages_for(request: Request, membership: Membership) -> list[dict[str, Any]]:
    """The pages beside the list of people that this member may see; the current one is the longest that fits."""
    pages = _shown(house.people_pages, request, membership)
    here = max((one["url"] for one in pages if one["current"]), key=len, default="")
    return [{**one, "current": one["url"] == here} for one in pages]


def _shown(entries: Sequence[NavigationEntry], request: Request, membership: Membership) -> list[dict[str, Any]]:
    here, shown = request.path, []
    for one in entries:
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
