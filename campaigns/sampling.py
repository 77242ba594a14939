"""Somebody of a campaign's segment, to look at its message with."""

from campaigns.models import Campaign
from contacts.models import Contact
from segments.counting import sample_rule
from segments.leaf_types.base import RuleError
from segments.models import SegmentMember
from segments.statements import TooSlowError


def sample_person(campaign: Campaign) -> Contact | None:
    """A member of the segment; without one, somebody who would be; None when nobody is."""
    if campaign.segment is None:
        return None
    member = SegmentMember.objects.filter(segment=campaign.segment).select_related("contact").first()
    if member:
        return member.contact
    try:
        return next(iter(sample_rule(campaign.segment.rule, 1)), None)
    except (RuleError, TooSlowError):
        return None
