"""The email that asks whether it was them, of each version of a form."""

from typing import ClassVar

from django.db import models

from consent.models import FormVersion
from delivery.models import Message, Sender
from workspaces.owned import Owned, OwnedForeignKey


class ConfirmationEmail(Owned):
    """The standing message that confirms sign-ups by one version of a form, in one language, by one sender."""

    version = OwnedForeignKey(FormVersion)
    sender = OwnedForeignKey(Sender)
    language = models.CharField(max_length=10)
    message = OwnedForeignKey(Message)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "version", "sender", "language"], name="one_confirmation_email"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.language}"
