"""People: who they are, what they agreed to, which groups they stand in."""

from contacts.models.consents import Basis, Channel, Consent, ConsentWording, Suppression, Topic
from contacts.models.imports import ImportedRow, ImportRun
from contacts.models.people import (
    Audience,
    AudienceRole,
    Contact,
    Dial,
    Identity,
    Merged,
    Note,
    SearchTerm,
    Tag,
    Trait,
)
from contacts.segments.models import Segment, SegmentDirt, SegmentDue, SegmentMember

__all__ = [
    "Audience",
    "AudienceRole",
    "Basis",
    "Channel",
    "Consent",
    "ConsentWording",
    "Contact",
    "Dial",
    "Identity",
    "ImportRun",
    "ImportedRow",
    "Merged",
    "Note",
    "SearchTerm",
    "Segment",
    "SegmentDirt",
    "SegmentDue",
    "SegmentMember",
    "Suppression",
    "Tag",
    "Topic",
    "Trait",
]
