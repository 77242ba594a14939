"""What this room shows on home: programmes against their target."""

from typing import Any

from campaigns.models import Programme
from workspaces.requests import Request

FIRST = 5


def programmes_panel(request: Request, subject: object) -> dict[str, Any]:
    """The running programmes that answer for something, the ones behind first. One query."""
    running = Programme.objects.filter(is_active=True, objective__target__isnull=False).select_related("objective")
    rows = sorted((_row(one, one.objective) for one in running), key=lambda row: row["share"])
    return {"rows": rows[:FIRST], "count": len(rows)}


def _row(programme: Programme, goal: Any) -> dict[str, Any]:
    """Where a programme stands between its baseline and its target; `share` is 1 when the target is reached."""
    base, target = goal.baseline or 0.0, goal.target
    now = base if goal.current is None else goal.current
    share = (now - base) / (target - base) if target != base else 1.0
    tone = "tone-good" if share >= 0.5 else "tone-warn" if share >= 0 else "tone-bad"
    return {
        "programme": programme,
        "metric": goal.get_metric_display(),
        "base": base,
        "now": now,
        "target": target,
        "whole": max(base, now, target) * 1.15 or 1.0,
        "share": share,
        "is_reached": share >= 1,
        "is_behind": share < 0,
        "tone": tone,
        "check_on": goal.check_on,
    }
