"""What the palette finds of this room: people and segments."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.showing import sees_names
from segments.listing import list_people
from segments.models import Segment
from workspaces.permissions import may
from workspaces.requests import Request

MOST = 6
SHORTEST = 2


def find_people(request: Request, words: str) -> list[dict[str, Any]]:
    """People found by name, address, phone or customer number, for those who may see names."""
    role = request.membership.role
    if len(words) < SHORTEST or not may(role, "contacts.see") or not sees_names(request):
        return []
    rows = list_people(text=words[:200]).rows[:MOST]
    return [
        {
            "name": row["name"] or row["email"] or f"#{row['id']}",
            "url": reverse("contacts:contact", args=[row["id"]]),
            "icon": "user",
            "hint": row["email"] or _("Contact"),
        }
        for row in rows
    ]


def find_segments(request: Request, words: str) -> list[dict[str, Any]]:
    """Segments whose name holds the words; private ones for their owner only."""
    if not may(request.membership.role, "segments.see"):
        return []
    mine = Segment.objects.filter(Q(is_private=False) | Q(owner_id=request.user.pk))
    return [
        {"name": one.name, "url": reverse("segments:segment", args=[one.pk]), "icon": "filter", "hint": _("Segment")}
        for one in mine.filter(name__icontains=words)[:MOST]
    ]
