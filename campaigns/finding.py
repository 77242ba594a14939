"""What others find of this room: campaigns in the palette, ticks of the first hour, which campaigns address a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Programme, StandingEntry
from contacts.merging import everyone_in, survivor_of
from contacts.models import Contact
from delivery.models import Delivery, Message
from lib.clock import now
from lib.offers import SegmentUse
from segments.models import SegmentMember
from workspaces.models import Workspace
from workspaces.permissions import may

MOST = 6
LATELY = timedelta(days=14)
COMES, GOES, GOT = "comes", "goes", "got"
OPEN = [Message.State.SCHEDULED, Message.State.PLANNING, Message.State.SENDING, Message.State.PAUSED]
NEVER = [Delivery.State.FAILED, Delivery.State.EXCLUDED, Delivery.State.CANCELLED, Delivery.State.IN_DOUBT]


@dataclass(frozen=True, slots=True)
class Addressed:
    """One campaign: it comes at a moment (None: nobody said when), goes out now, or they got it at that moment."""

    pk: int
    name: str
    state: str
    at: datetime | None


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


def campaigns_of(contact: Contact) -> list[Addressed]:
    """Of the last two weeks and of what is to come, what comes first; each campaign once. Six queries at most.

    Who is in the segment of one that is to come is in it; whether they may be written to is asked when it goes out.
    """
    found: dict[int, Addressed] = {}
    for one in [*_given(contact), *_waiting(contact), *_coming(contact)]:
        found.setdefault(one.pk, one)
    return sorted(found.values(), key=_place)


def _place(one: Addressed) -> tuple[int, float, str]:
    """What goes out, then what comes, the earliest first, then what they got, the latest first."""
    moment = one.at.timestamp() if one.at else 0.0
    return (GOES, COMES, GOT).index(one.state), -moment if one.state == GOT else moment, one.name


def _given(contact: Contact) -> list[Addressed]:
    """What the engine has for them, or had in the last two weeks; what was refused or never sent is left out."""
    theirs = Delivery.objects.filter(contact__in=everyone_in(contact.pk), queued_at__gt=now() - LATELY)
    rows = {one.message_id: one for one in theirs.exclude(state__in=NEVER).order_by("queued_at")}
    campaigns = Campaign.objects.filter(message__in=rows).select_related("message", "variant_of__message")
    return [_of_delivery(one, rows[one.message_id]) for one in campaigns]


def _of_delivery(campaign: Campaign, row: Delivery) -> Addressed:
    """A version of a test is shown as the campaign it belongs to."""
    shown = campaign.variant_of or campaign
    return Addressed(shown.pk, shown.name, GOT if row.sent_at else GOES, row.sent_at)


def _waiting(contact: Contact) -> list[Addressed]:
    """What goes out by itself, and whose moment came for them."""
    rows = StandingEntry.objects.filter(contact__in=everyone_in(contact.pk), done_at=None, standing__ended_at=None)
    rows = rows.select_related("standing__campaign__message").order_by("due_at")
    return [Addressed(one.standing.campaign_id, one.standing.campaign.name, COMES, one.due_at) for one in rows]


def _coming(contact: Contact) -> list[Addressed]:
    """Campaigns that are to go out, or go out now, to a segment in which they stand, and that passed nobody over yet."""
    rows = Campaign.objects.seen().filter(message__state__in=OPEN, message__is_standing=False).exclude(segment=None)
    planned = list(rows.select_related("message"))
    if not planned:
        return []
    inside = SegmentMember.objects.filter(
        segment__in={one.segment_id for one in planned}, contact=survivor_of(contact.pk)
    )
    stands_in = set(inside.values_list("segment", flat=True))
    theirs = [one for one in planned if one.segment_id in stands_in]
    had = Delivery.objects.filter(message__in=[one.message_id for one in theirs], contact__in=everyone_in(contact.pk))
    passed = set(had.values_list("message", flat=True)) if theirs else set()
    return [
        Addressed(
            one.pk, one.name, COMES if one.message.state == Message.State.SCHEDULED else GOES, one.message.scheduled_at
        )
        for one in theirs
        if one.message_id not in passed
    ]
