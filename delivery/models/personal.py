"""What one of us writes to one person by hand, with its files."""

from typing import ClassVar

from django.db import models

from contacts.models import Contact
from contacts.models.files import KeptFile
from delivery.models.messages import Message
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class PersonalEmail(Owned):
    """What one of us wrote to one person by hand; `key` is made with the form, so that it is sent once."""

    message = OwnedForeignKey(Message, related_name="personal")
    contact = OwnedForeignKey(Contact, related_name="personal_emails")
    key = models.UUIDField()
    text = models.TextField()
    by_id = models.BigIntegerField(null=True)
    in_reply_to = models.CharField(max_length=300, blank=True)  # the Message-ID that it answers
    is_in_inbox = models.BooleanField(default=False)  # it answers a conversation, which tells the ledger of it
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="personal_email_key")]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "contact", "-created_at"], name="personal_email_of"),
            models.Index(fields=["workspace", "message"], name="personal_email_message"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} → {self.contact_id}"


class EmailAttachment(KeptFile):
    """A file that goes with an email of one of us to one person."""

    email = OwnedForeignKey(PersonalEmail, related_name="attachments")

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "email"], name="email_attachment")]
