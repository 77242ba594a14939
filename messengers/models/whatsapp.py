"""WhatsApp: the templates of a sender's account, when we looked at them, and who wrote to us when."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from delivery.models import Sender
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class WhatsAppTemplate(Owned):
    """One template of the account in one language, as WhatsApp told it last. `said`: why it is not approved, in their words.

    `parameters` are the places of its body that a message fills: numbers or names. `buttons` are [kind, words, address],
    in their order; an address may have a place at its end. `heard_at`: of which moment what we know of it is.
    """

    class State(models.TextChoices):
        APPROVED = "APPROVED", _("Approved")
        PENDING = "PENDING", _("In review at WhatsApp")
        REJECTED = "REJECTED", _("Rejected")
        PAUSED = "PAUSED", _("Paused by WhatsApp")
        DISABLED = "DISABLED", _("Disabled by WhatsApp")
        OTHER = "OTHER", _("Not in use")

    sender = OwnedForeignKey(Sender, related_name="whatsapp_templates")
    name = models.CharField(max_length=512)
    language = models.CharField(max_length=15)
    category = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OTHER)
    said = models.CharField(max_length=200, blank=True)
    header = models.CharField(max_length=12, blank=True)  # TEXT, IMAGE, VIDEO, DOCUMENT
    header_text = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    footer = models.CharField(max_length=200, blank=True)
    parameters: Any = models.JSONField(default=list)
    buttons: Any = models.JSONField(default=list)
    heard_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        ordering = ("name", "language")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "sender", "name", "language"], name="one_whatsapp_template_a_name"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class TemplateLook(Owned):
    """When a sender's templates were read last, when they are again, and what went wrong; one row a sender."""

    sender = OwnedForeignKey(Sender, related_name="template_looks")
    looked_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "sender"], name="one_template_look_a_sender")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "next_at"], name="template_look_next")]

    def __str__(self) -> str:
        return f"{self.sender_id}: {self.looked_at}"


class WhatsAppWindow(Owned):
    """When somebody we know wrote to this sender last: for 24 hours from then on any text may go to that number."""

    sender = OwnedForeignKey(Sender, related_name="whatsapp_windows")
    contact = OwnedForeignKey(Contact)
    number = models.CharField(max_length=20)  # normalised
    last_at = models.DateTimeField()

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "sender", "number"], name="one_whatsapp_window_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.last_at}"
