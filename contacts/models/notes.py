"""What colleagues write down about a contact, whom of them they mention in it, what they attach."""

from typing import Any, ClassVar

from django.db import models

from contacts.models.files import KeptFile
from contacts.models.people import Contact
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class Note(Owned):
    """What a colleague wrote down about a contact. Private ones stay with those who may note, and who is mentioned.

    `former` is what stood there before, newest first: {"text", "is_private", "until"}.
    """

    contact = OwnedForeignKey(Contact, related_name="notes")
    author_id = models.BigIntegerField(null=True)
    text = models.TextField()
    is_private = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)
    former: Any = models.JSONField(default=list, db_default=[])

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "contact", "-created_at"], name="note_contact")]

    def __str__(self) -> str:
        return self.text[:60]


class NoteMention(Owned):
    """A member who is named in a note with @; it waits on their home until they have seen it."""

    note = OwnedForeignKey(Note, related_name="mentions")
    user_id = models.BigIntegerField()
    created_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "note", "user_id"], name="one_mention_a_note")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "user_id", "-created_at"],
                condition=models.Q(seen_at=None),
                name="mention_unseen",
            )
        ]

    def __str__(self) -> str:
        return f"{self.note_id} @ {self.user_id}"


class NoteAttachment(KeptFile):
    """A file beside a note, kept in the database so that a backup holds it and an erasure takes it."""

    note = OwnedForeignKey(Note, related_name="attachments")
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "note"], name="attachment_note")]
