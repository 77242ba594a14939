"""A segment that was built for a campaign comes back into it by itself."""

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.composing import compose
from campaigns.models import Campaign
from delivery.models import Message
from segments.models import Segment
from workspaces.auditing import audit
from workspaces.permissions import may
from workspaces.requests import Request


def take_segment(request: Request, pk: int, segment_id: int) -> str | None:
    """A draft goes to this segment from here on; its page. One that is no draft any more, and a
    version of a test, which follows its first, stays as it is, and says so.
    """
    campaign = Campaign.objects.select_related("message__content", "programme").filter(pk=pk).first()
    if campaign is None or not may(request.membership.role, "campaigns.edit"):
        return None
    segment = Segment.objects.get(pk=segment_id)
    if campaign.variant_of_id:
        text = _("“%(name)s” is saved. All versions of a test go to the people of version A: choose the segment there.")
        messages.warning(request, text % {"name": segment.name})
        return reverse("campaigns:versions", args=[campaign.variant_of_id])
    if campaign.message.state != Message.State.DRAFT:
        text = _("“%(name)s” is saved. The campaign is no draft any more: it goes to whom it went before.")
        messages.warning(request, text % {"name": segment.name})
    elif campaign.segment_id != segment.pk:
        compose(campaign, segment=segment)
        audit("campaign.edited", by=request.user, target=campaign, fields=["segment"])
        messages.success(request, _("“%(name)s” is saved, and the campaign goes to it.") % {"name": segment.name})
    return reverse("campaigns:page", args=[campaign.pk])
