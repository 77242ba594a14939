"""What was forwarded to somebody by email, and what they wrote back."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.answers import TeamNote
from conversations.models.threads import Conversation, Mention
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class Forward(Owned):
    """One message of a conversation on its way to a colleague or somebody outside. It answers nobody.

    `key` names its email on each try. Where nobody knows whether it left it is unclear, and never sent again by itself.
    The message's words are read when it leaves: nothing of them is kept here. What a member forwards whose role asks for
    approval is asked until somebody approves it (forwards/approving.py).
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Waits to be approved")
        RETURNED = "returned", _("Given back")
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        UNCLEAR = "unclear", _("Perhaps sent")
        FAILED = "failed", _("Not sent")

    conversation = OwnedForeignKey(Conversation, in_database="NO ACTION", related_name="forwards")
    mention = OwnedForeignKey(Mention, in_database="NO ACTION", related_name="forwards")
    key = models.UUIDField()
    address = models.CharField(max_length=254, blank=True)
    note = models.TextField(blank=True)
    names_author = models.BooleanField(default=True)  # whoever forwarded it may see who wrote it
    by_id = models.BigIntegerField(null=True)
    approved_by_id = models.BigIntegerField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="forward_key")]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "state", "due_at"], name="forward_due"),
            models.Index(fields=["workspace", "conversation", "created_at"], name="forward_thread"),
            models.Index(fields=["workspace", "address"], name="forward_address"),
        ]

    def __str__(self) -> str:
        return f"{self.mention_id} → {self.address}"


class ForwardAnswer(Owned):
    """What came back to a forward, which stands in the conversation as a note: once for each email."""

    forward = OwnedForeignKey(Forward, related_name="answers")
    note = OwnedForeignKey(TeamNote, related_name="forward_answers")
    remote_id = models.CharField(max_length=300)
    address = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "remote_id"], name="forward_answer_once")]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "forward"], name="forward_answer_of"),
            models.Index(fields=["workspace", "note"], name="forward_answer_note"),
            models.Index(fields=["workspace", "address"], name="forward_answer_address"),
        ]

    def __str__(self) -> str:
        return self.remote_id
