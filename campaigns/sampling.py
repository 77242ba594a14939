"""Some of a campaign's segment, to look at its message with."""

from campaigns.models import Campaign
from contacts.models import Contact
from segments.counting import sample_rule
from segments.leaf_types.base import RuleError
from segments.models import SegmentMember
from segments.statements import TooSlowError

MOST = 8


def sample_person(campaign: Campaign) -> Contact | None:
    """One of them; None when nobody is."""
    return next(iter(sample_people(campaign, 1)), None)


def sample_people(campaign: Campaign, most: int = MOST) -> list[Contact]:
    """A few members of the segment; without any, some who would be; nobody where there is no segment."""
    if campaign.segment is None:
        return []
    members = SegmentMember.objects.filter(segment=campaign.segment).select_related("contact")[:most]
    if found := [member.contact for member in members]:
        return found
    try:
        return sample_rule(campaign.segment.rule, most)
    except (RuleError, TooSlowError):
        return []
