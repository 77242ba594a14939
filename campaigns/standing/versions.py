"""A new version of a standing campaign: a draft with its words, which takes its place when it is started."""

from django.db import transaction

from campaigns.copying import copy_campaign
from campaigns.models import Campaign, StandingCampaign
from workspaces.auditing import audit
from workspaces.models import User


@transaction.atomic
def write_version(standing: StandingCampaign, *, by: User | None) -> Campaign:
    """The draft that follows it; the one that is being written already, where there is one. Locks its row."""
    held = StandingCampaign.objects.select_for_update(of=("self",)).get(pk=standing.pk)
    if held.draft is not None:
        return held.draft
    before = Campaign.objects.select_related(
        "message__content", "message__sender", "message__topic", "programme", "segment"
    ).get(pk=held.campaign_id)
    copy = copy_campaign(before, before.name, before.segment, by)
    held.draft = copy
    held.save(update_fields=["draft"])
    audit("campaign.version", by=by, target=copy)
    return copy
