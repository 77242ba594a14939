"""What others find of this room: campaigns in the palette, ticks of the first hour."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Programme
from lib.offers import SegmentUse
from workspaces.models import Workspace
from workspaces.permissions import may

MOST = 6


def find_campaigns(request: HttpRequest, words: str) -> list[dict[str, Any]]:
    """Campaigns whose name holds the words."""
    if not may(request.membership.role, "campaigns.see"):  # type: ignore[attr-defined]
        return []
    return [
        {"name": one.name, "url": reverse("campaigns:page", args=[one.pk]), "icon": "send", "hint": _("Campaign")}
        for one in Campaign.objects.seen().filter(message__name__icontains=words).select_related("message")[:MOST]
    ]


def find_programmes(request: HttpRequest, words: str) -> list[dict[str, Any]]:
    """Programmes whose name holds the words."""
    if not may(request.membership.role, "campaigns.see"):  # type: ignore[attr-defined]
        return []
    return [
        {
            "name": one.name,
            "url": reverse("programmes:page", args=[one.pk]),
            "icon": "target-arrow",
            "hint": _("Programme"),
        }
        for one in Programme.objects.filter(name__icontains=words)[:MOST]
    ]


def uses_of_segment(segment_id: int) -> list[SegmentUse]:
    """Campaigns whose audience is this segment, and drafts with a block that only its people see."""
    asks = f'"segment": {{"id": {int(segment_id)},'
    in_blocks = Q(message__content__blocks__contains=asks, message__planned_at=None)
    rows = Campaign.objects.seen().filter(Q(segment=segment_id) | in_blocks).select_related("message")[:MOST]
    return [SegmentUse(campaign.name, reverse("campaigns:page", args=[campaign.pk])) for campaign in rows]


def has_sent(_workspace: Workspace) -> bool:
    """An email has gone out."""
    return Campaign.objects.exclude(message__planned_at=None).exists()
