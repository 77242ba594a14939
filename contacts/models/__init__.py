"""Contacts, how to recognise them, what is known of them; who is the same person as whom."""

from contacts.models.history import FieldChange
from contacts.models.people import (
    Audience,
    AudienceRole,
    Contact,
    ContactFrequency,
    FieldValue,
    Identity,
    Note,
    SearchTerm,
    Tag,
)
from contacts.models.sameness import DuplicatePair, Merged, MergeRecord

__all__ = [
    "Audience",
    "AudienceRole",
    "Contact",
    "ContactFrequency",
    "DuplicatePair",
    "FieldChange",
    "FieldValue",
    "Identity",
    "MergeRecord",
    "Merged",
    "Note",
    "SearchTerm",
    "Tag",
]
