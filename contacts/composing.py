"""Speaking with somebody from their own page: which ways there are for this member, which one leads, what it shows."""

from typing import Any

from contacts.drafting import draft_of, drafted_ways
from contacts.models import Contact, DraftFile
from contacts.showing import shown
from lib.offers import ComposerWay
from lib.rooms import house
from workspaces.permissions import may
from workspaces.requests import Request


def composer(request: Request, contact: Contact, *, way: str = "", form: Any = None) -> dict[str, Any]:
    """The ways this member may take, the one that leads, and the open one (`way`, else `?compose=`) with its context."""
    role = request.membership.role
    ways = [] if contact.erased_at else [one for one in house.composer_ways if may(role, one.permission)]
    names = {one.name for one in ways}
    asked = way or request.GET.get("compose", "")
    leading, user = _leading(request, contact, names), int(request.user.pk or 0)
    chosen = next((one for one in ways if one.name == asked), None)
    return {
        "contact": contact,
        "person": shown(request, contact),
        "ways": ways,
        "leading": next((one for one in ways if one.name == leading), None),
        "chosen": chosen,
        "panel": _panel(request, contact, chosen, form) if chosen else None,
        "drafts": drafted_ways(contact, user) if ways else set(),
        "may_not": not ways and not contact.erased_at,
    }


def _panel(request: Request, contact: Contact, way: ComposerWay, form: Any) -> dict[str, Any]:
    """What the way shows: what could not be taken, else what this member began to write, else a fresh form."""
    panel = way.context(request, contact, form)
    draft = draft_of(contact, int(request.user.pk or 0), way.name)
    fresh = panel.get("form")
    if draft is not None and form is None and fresh is not None:
        known = {name: text for name, text in draft.said.items() if name in fresh.fields}
        fresh.initial = {**fresh.initial, **known}
    files = list(DraftFile.objects.filter(draft=draft).defer("data").order_by("pk")) if draft else []
    return panel | {"draft": draft, "files": files, "way": way.name}


def _leading(request: Request, contact: Contact, names: set[str]) -> str:
    """Who waits is answered; else whoever has an address is written to; else called."""
    if "answer" in names and any(contact.pk in place(request, [contact.pk]) for place in house.answer_places):
        return "answer"
    wanted = "email" if contact.email else "call"
    return wanted if wanted in names else next(iter(sorted(names)), "")
