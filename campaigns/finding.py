"""What others find of this room: campaigns in the palette, ticks of the first hour."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.models import Campaign, MailServer
from workspaces.models import Workspace
from workspaces.palette import finder
from workspaces.permissions import may

MOST = 6


@finder
def find_campaigns(request: HttpRequest, words: str) -> list[dict[str, Any]]:
    """Campaigns whose name holds the words."""
    if not may(request.membership.role, "campaigns.see"):  # type: ignore[attr-defined]
        return []
    return [
        {"name": one.name, "url": reverse("campaigns:page", args=[one.pk]), "icon": "send", "hint": _("Campaign")}
        for one in Campaign.objects.filter(name__icontains=words)[:MOST]
    ]


def has_sender(_workspace: Workspace) -> bool:
    """There is a sender, and it has worked once."""
    return MailServer.objects.exclude(tested_at=None).exists()


def has_sent(_workspace: Workspace) -> bool:
    """A letter has gone out."""
    return Campaign.objects.exclude(planned_at=None).exists()
