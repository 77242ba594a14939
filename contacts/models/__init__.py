"""Contacts, how to recognise them, what is known of them; who is the same person as whom."""

from contacts.models.companies import Company, CompanyDomain, CompanyTerm, Position
from contacts.models.custom_fields import CustomType, FieldDefinition
from contacts.models.drafts import ComposerDraft, DraftFile
from contacts.models.history import FieldChange
from contacts.models.long_changes import LongChange
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
    "Company",
    "CompanyDomain",
    "CompanyTerm",
    "ComposerDraft",
    "Contact",
    "ContactFrequency",
    "CustomType",
    "DraftFile",
    "DuplicatePair",
    "FieldChange",
    "FieldDefinition",
    "FieldValue",
    "Identity",
    "LongChange",
    "MergeRecord",
    "Merged",
    "Note",
    "NoteAttachment",
    "NoteMention",
    "Position",
    "SearchTerm",
    "Tag",
]
