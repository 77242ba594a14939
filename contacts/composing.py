"""Speaking with somebody from their own page: which ways there are for this member, which one leads, what it shows."""

from typing import Any

from contacts.models import Contact
from contacts.showing import shown
from lib.rooms import house
from workspaces.permissions import may
from workspaces.requests import Request


def composer(request: Request, contact: Contact, *, way: str = "", form: Any = None) -> dict[str, Any]:
    """The ways this member may take, the one that leads, and the open one (`way`, else `?compose=`) with its context."""
    role = request.membership.role
    ways = [] if contact.erased_at else [one for one in house.composer_ways if may(role, one.permission)]
    names = {one.name for one in ways}
    asked = way or request.GET.get("compose", "")
    leading = _leading(request, contact, names)
    chosen = next((one for one in ways if one.name == asked), None)
    return {
        "contact": contact,
        "person": shown(request, contact),
        "ways": ways,
        "leading": next((one for one in ways if one.name == leading), None),
        "chosen": chosen,
        "panel": chosen.context(request, contact, form) if chosen else None,
        "may_not": not ways and not contact.erased_at,
    }


def _leading(request: Request, contact: Contact, names: set[str]) -> str:
    """Who waits is answered; else whoever has an address is written to; else called."""
    if "answer" in names and any(contact.pk in place(request, [contact.pk]) for place in house.answer_places):
        return "answer"
    wanted = "email" if contact.email else "call"
    return wanted if wanted in names else next(iter(sorted(names)), "")
