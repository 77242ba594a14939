"""Places where upper rooms show something on a lower room's page, without the lower room knowing them."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workspaces.requests import Request

Context = Callable[[Request, Any], dict[str, Any] | None]


@dataclass(frozen=True)
class Panel:
    """One panel: where it stands, in which order, what it shows. A context of None leaves it out."""

    order: int
    context: Context
    template: str
    permission: str = ""


_places: dict[str, list[Panel]] = defaultdict(list)


def panel(place: str, order: int, context: Context, template: str, *, permission: str = "") -> None:
    """Register a panel for `place`; called once, from an AppConfig's ready()."""
    entry = Panel(order, context, template, permission)
    if entry not in _places[place]:
        _places[place].append(entry)
        _places[place].sort(key=lambda one: one.order)


def panels_at(place: str, request: Request, subject: Any) -> list[dict[str, Any]]:
    """The panels of `place` for `subject`: dicts with the key "template" beside each panel's own context."""
    from workspaces.permissions import may  # noqa: PLC0415 - permissions need the models, panels do not

    shown = []
    for entry in _places[place]:
        if entry.permission and not may(request.membership.role, entry.permission):
            continue
        context = entry.context(request, subject)
        if context is not None:
            shown.append({**context, "template": entry.template})
    return shown
