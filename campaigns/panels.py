"""What this room shows elsewhere: programmes against their target on home, a person's campaigns beside a conversation."""

from typing import Any

from campaigns.charters.targets import asks_of, with_sends
from campaigns.finding import campaigns_of
from campaigns.models import Programme
from campaigns.objectives import bullet_of, unit_of
from campaigns.reviewing import waiting_reviews
from contacts.models import Contact
from engagement.models import Objective
from workspaces.models import User
from workspaces.permissions import may
from workspaces.requests import Request

FIRST = 5


def reviews_panel(request: Request, subject: object) -> dict[str, Any] | None:
    """What waits for this member's approval; nothing while nothing does. Two queries at most."""
    rows = waiting_reviews(int(request.user.pk or 0))
    if not rows:
        return None
    names = {one.pk: str(one) for one in User.objects.filter(pk__in={one.asked_by_id for one in rows})}
    return {"rows": [(one, names.get(one.asked_by_id or 0, "")) for one in rows[:FIRST]], "count": len(rows)}


def programmes_panel(request: Request, subject: object) -> dict[str, Any]:
    """The running programmes that answer for something, the ones behind first, and those that wait for a target. One query."""
    running = list(with_sends(Programme.objects.filter(is_active=True).select_related("objective")))
    goals = [(one, one.objective) for one in running if one.objective and one.objective.target is not None]
    rows = sorted((_row(one, goal) for one, goal in goals), key=lambda row: row["share"])
    may_set = request is not None and may(request.membership.role, "campaigns.edit")
    return {"rows": rows[:FIRST], "count": len(rows), "asks": asks_of(running)[:FIRST], "can_edit": may_set}


def card_panel(request: Request, contact: Contact) -> dict[str, Any] | None:
    """The campaigns that address this person now, beside a conversation with them."""
    rows = campaigns_of(contact)
    return {"rows": rows[:FIRST], "more": len(rows) - FIRST} if rows else None


def _row(programme: Programme, goal: Objective) -> dict[str, Any]:
    return bullet_of(goal) | {
        "programme": programme,
        "metric": goal.get_metric_display(),
        "unit": unit_of(goal),
        "check_on": goal.check_on,
    }
