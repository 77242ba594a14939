"""Contacts, how to recognise them, what is known of them; who is the same person as whom."""

from contacts.models.notes import Note, NoteAttachment, NoteMention
from contacts.models.people import (
    Audience,
    AudienceRole,
    Contact,
    ContactFrequency,
    FieldValue,
    Identity,
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
    "FieldValue",
    "Identity",
    "MergeRecord",
    "Merged",
    "Note",
    "NoteAttachment",
    "NoteMention",
    "SearchTerm",
    "Tag",
]
