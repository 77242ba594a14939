"""What a machine has sent to one person because of something that happened: templates by name, and each send."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from contacts.models.files import KeptFile
from delivery.models.messages import Message
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class TransactionalTemplate(Owned):
    """A transactional email that machines send by its name. `draft` is what is being written; what goes out is a version.

    `example` are values for `data`, to look at the draft with.
    """

    name = models.CharField(_("Name"), max_length=80)
    draft = OwnedForeignKey(Message, related_name="drafted_templates")
    example: Any = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=now)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        ordering = ("name", "pk")
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "name"], name="one_template_a_name")]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(Owned):
    """A template as it was approved: a standing message that takes recipients one at a time. Never changed."""

    template = OwnedForeignKey(TransactionalTemplate, related_name="versions")
    number = models.PositiveIntegerField()
    message = OwnedForeignKey(Message, related_name="template_versions")
    approved_by_id = models.BigIntegerField(null=True)
    approved_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "template", "number"], name="template_version_number")
        ]

    def __str__(self) -> str:
        return f"{self.template_id} v{self.number}"


class TransactionalSend(Owned):
    """One email to one person that a machine asked for. Its id is the delivery's occasion; `data` is what it told for it."""

    message = OwnedForeignKey(Message, as_set=True, related_name="sends")
    contact = OwnedForeignKey(Contact, in_database="NO ACTION", as_set=True, related_name="transactional_sends")
    version = OwnedForeignKey(TemplateVersion, null=True, as_set=True, in_database="NO ACTION", related_name="sends")
    data: Any = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "contact", "-id"], name="send_contact"),
            models.Index(fields=["workspace", "version"], name="send_version"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} → {self.contact_id}"


class SendAttachment(KeptFile):
    """A file that goes with one such email."""

    send = OwnedForeignKey(TransactionalSend, related_name="attachments")

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "send"], name="send_attachment")]
