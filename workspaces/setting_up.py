"""The first hour: steps whose ticks come from data. Rooms register theirs; home shows them in order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise

from workspaces.models import Workspace


@dataclass(frozen=True)
class Step:
    """One thing to do once. `done(workspace)` looks at the data."""

    order: int
    name: str | Promise
    why: str | Promise
    url_name: str
    done: Callable[[Workspace], bool]


_steps: list[Step] = []


def step(order: int, name: str | Promise, why: str | Promise, url_name: str, done: Callable[[Workspace], bool]) -> None:
    """Register a step; called once, from an AppConfig's ready()."""
    if all(one.name != name for one in _steps):
        _steps.append(Step(order, name, why, url_name, done))
        _steps.sort(key=lambda one: one.order)


def checklist(workspace: Workspace) -> dict[str, Any] | None:
    """Steps for components/setup.html, or None when all are done."""
    rows = [{"name": s.name, "why": s.why, "url": reverse(s.url_name), "done": s.done(workspace)} for s in _steps]
    left = [row for row in rows if not row["done"]]
    if not left:
        return None
    return {"steps": rows, "done": len(rows) - len(left), "next": left[0]["name"]}
