"""Some people to look at a message with: of a campaign's segment, of those who get a transactional email."""

from campaigns.edited import EditedEmail
from campaigns.models import Campaign
from contacts.models import Contact
from delivery.transactional.sampling import people_for
from segments.leaf_types.base import RuleError
from segments.models import Segment, SegmentMember
from segments.rules.counting import sample_rule
from segments.rules.statements import TooSlowError

MOST = 8


def sample_person(campaign: Campaign) -> Contact | None:
    """One of them; None when nobody is."""
    return next(iter(sample_people(campaign.segment, 1)), None)


def people_of(edited: EditedEmail) -> list[Contact]:
    """With whom what the editor has open is looked at."""
    return people_for(edited.template) if edited.template else sample_people(edited.segment)


def sample_people(segment: Segment | None, most: int = MOST) -> list[Contact]:
    """A few members of the segment; without any, some who would be; nobody where there is no segment."""
    if segment is None:
        return []
    members = SegmentMember.objects.filter(segment=segment).select_related("contact")[:most]
    if found := [member.contact for member in members]:
        return found
    try:
        return sample_rule(segment.rule, most)
    except (RuleError, TooSlowError):
        return []
