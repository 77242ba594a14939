"""Copying: a new draft with the words, audience and settings of another campaign."""

from django.db import transaction

from campaigns.composing import CAMPAIGN, CONTENT, MESSAGE, compose
from campaigns.models import Campaign


@transaction.atomic
def copy_campaign(campaign: Campaign, *, name: str, by_id: int | None) -> Campaign:
    """A draft that says and is for the same; nothing of what became of the other goes along. Shares no row with it."""
    message, content = campaign.message, campaign.message.content
    facts = {one: getattr(content, one) for one in CONTENT} | {one: getattr(message, one) for one in MESSAGE}
    facts |= {one: getattr(campaign, one) for one in CAMPAIGN} | {"name": name[:120]}
    copy = compose(created_by_id=by_id, **facts)
    fresh = copy.message.content
    fresh.blocks, fresh.body, fresh.language = content.blocks, content.body, content.language
    fresh.changed_by_id = by_id
    fresh.save(update_fields=["blocks", "body", "language", "changed_by_id"])
    return copy
