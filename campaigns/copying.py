"""Another campaign made of one: a duplicate, and a follow-up to those who did not open or click."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.composing import compose
from campaigns.experiments.setting_up import first_of, versions_of
from campaigns.models import Campaign
from delivery.models import Content, Message
from segments.members.rechecking import bring_in_members
from segments.models import Segment
from workspaces.auditing import audit
from workspaces.languages import team_language
from workspaces.models import User

LONGEST = 120
DID = ("opened", "clicked")


class NothingToFollowError(ValueError):
    """Nobody got the campaign yet: there is nobody to follow up."""


@transaction.atomic
def duplicate(campaign: Campaign, *, by: User | None) -> Campaign:
    """A draft that says the same to the same people; its moment, approval and figures are its own."""
    with team_language():
        name = _("Copy of %(name)s") % {"name": campaign.name}
    made = copy_campaign(campaign, name, campaign.segment, by)
    audit("campaign.made", by=by, target=made, copied=campaign.pk)
    return made


@transaction.atomic
def follow_up(campaign: Campaign, *, did: str, by: User | None) -> Campaign:
    """A draft to those who got the campaign and did not do this ("opened", "clicked"), with a segment made of it.

    Its people are those of the moment when it is sent; whoever unsubscribed or was suppressed since gets nothing, by the
    gate. Repeating it makes another draft to the same segment. NothingToFollowError.
    """
    if did not in DID:
        raise ValueError(did)
    if campaign.message.planned_at is None:
        raise NothingToFollowError(campaign.name)
    with team_language():
        name = _("Follow-up: %(name)s") % {"name": campaign.name}
    made = copy_campaign(campaign, name, _who_did_not(campaign, did, by), by)
    audit("campaign.made", by=by, target=made, follows=campaign.pk)
    return made


def copy_campaign(campaign: Campaign, name: str, segment: Segment | None, by: User | None) -> Campaign:
    """A draft with its words and settings, for this segment. It shares no row with the other."""
    old = campaign.message.content
    content = Content(blocks=old.blocks, language=old.language, changed_by_id=by.pk if by else None)
    copy = Campaign(created_by_id=by.pk if by else None, message=Message(content=content))
    return compose(
        copy,
        name=name[:LONGEST],
        subject=old.subject,
        preheader=old.preheader,
        body_format=old.body_format,
        body=old.body,
        sender=campaign.message.sender,
        topic=campaign.message.topic,
        purpose=campaign.message.purpose,
        programme=campaign.programme,
        segment=segment,
        holdout_percent=campaign.holdout_percent,
        adds_utm=campaign.adds_utm,
    )


def _who_did_not(campaign: Campaign, did: str, by: User | None) -> Segment:
    """The segment of the people of this campaign, in whatever version, who did not; the same one each time."""
    names = {"opened": gettext_lazy("Did not open: %(name)s"), "clicked": gettext_lazy("Did not click: %(name)s")}
    first = first_of(campaign)
    sent = [first.message_id, *(one.message_id for one in versions_of(first))]
    got = [{"message": {"did": "received", "message": pk}} for pk in sent]
    rule = {
        "all": [
            got[0] if len(got) == 1 else {"any": got},
            {"not": {"any": [{"message": {"did": did, "message": pk}} for pk in sent]}},
        ]
    }
    held = Segment.objects.filter(rule=rule, is_private=False).first()
    if held:
        return held
    with team_language():
        name = str(names[did]) % {"name": campaign.name}
    taken = Segment.objects.filter(name=name[:LONGEST]).exists()
    name = f"{name[: LONGEST - 12]} #{campaign.pk}" if taken else name[:LONGEST]
    made = Segment.objects.create(name=name, rule=rule, owner_id=by.pk if by else None)
    bring_in_members(made)
    return made
