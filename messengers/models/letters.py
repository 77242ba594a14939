"""Letters that were written, to be typeset whenever somebody takes the file."""

from typing import ClassVar

from django.db import models

from contacts.models import Contact
from delivery.models import Message
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class PrintedLetter(Owned):
    """One person's letter as it was written on its day. It belongs to the print run while their delivery is sent.

    `address`: name, street, postcode, city and country, a line each; `link`: what the code leads to, "" without one.
    """

    message = OwnedForeignKey(Message, related_name="letters")
    contact = OwnedForeignKey(Contact)
    address = models.TextField()
    subject = models.TextField()
    text = models.TextField()
    link = models.CharField(max_length=500, blank=True)
    pages = models.SmallIntegerField()
    written_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "message", "contact"], name="one_letter_each")
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "contact"], name="letter_contact"),
            models.Index(fields=["workspace", "written_at"], name="letter_age"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} → {self.contact_id}"
