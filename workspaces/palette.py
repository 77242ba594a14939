"""What the command palette finds: pages, settings, actions by name or synonym, then what the rooms look up."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from lib.rooms import house
from workspaces.permissions import may
from workspaces.requests import Request

MOST = 24


def find(request: Request, words: str) -> list[dict[str, Any]]:
    """Hits for these words, best first: those with all of them in the name before those found by a synonym.

    Without words: the pages of the rail. Each hit is {"name", "url", "icon", "hint"}.
    """
    wanted = words.lower().replace("-", " ").split()
    by_name, by_synonym = [], []
    for name, also, hit in _offered(request.membership.role, with_all=bool(wanted)):
        if _fits(wanted, str(name)):
            by_name.append(hit)
        elif _fits(wanted, f"{name} {also}"):
            by_synonym.append(hit)
    found = by_name + by_synonym
    if wanted:
        for look in house.palette_finders:
            found += look(request, words.strip())
    return found[:MOST]


def _fits(wanted: list[str], text: str) -> bool:
    """Whether every word begins a word of the text."""
    there = text.lower().replace("-", " ").split()
    return all(any(one.startswith(word) for one in there) for word in wanted)


def _offered(role: str, *, with_all: bool) -> Iterator[tuple[str | Promise, str | Promise, dict[str, Any]]]:
    """(name, synonyms, hit) of everything this role may open; only the rail unless `with_all`."""
    for entry in house.navigation:
        if may(role, entry.permission) and not may(role, entry.unless):
            yield entry.name, entry.also, _hit(entry.name, entry.url_name, entry.icon, _("Page"))
    if not with_all:
        return
    rail = {entry.url_name for entry in house.navigation}
    for entry in house.people_pages:
        if may(role, entry.permission) and entry.url_name not in rail:
            yield entry.name, entry.also, _hit(entry.name, entry.url_name, entry.icon, _("Page"))
    for action in house.actions:
        if may(role, action.permission):
            yield action.name, action.also, _hit(action.name, action.url_name, action.icon, _("Do"))
    for page in house.settings_pages:
        if may(role, page.permission):
            yield page.name, page.also, _hit(page.name, page.url_name, page.icon, _("Settings"))


def _hit(name: str | Promise, url_name: str, icon: str, hint: str) -> dict[str, Any]:
    return {"name": str(name), "url": reverse(url_name), "icon": icon, "hint": hint}
