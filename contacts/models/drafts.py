"""What somebody began to write to a person on their page and has not sent, with its files."""

from typing import Any, ClassVar

from django.db import models

from contacts.models.files import KeptFile
from contacts.models.people import Contact
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class ComposerDraft(Owned):
    """What one member began to say to one person by one way (email, answer, call): the fields as typed, by name."""

    contact = OwnedForeignKey(Contact, related_name="drafts")
    user_id = models.BigIntegerField()
    way = models.CharField(max_length=20)
    said: Any = models.JSONField(default=dict)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "contact", "user_id", "way"], name="one_draft_a_way")
        ]

    def __str__(self) -> str:
        return f"{self.way}: {self.contact_id}"


class DraftFile(KeptFile):
    """A file beside a draft, kept in the database as a note's is."""

    draft = OwnedForeignKey(ComposerDraft, related_name="files")
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "draft"], name="draft_file")]
