"""What we answer, and what colleagues say among themselves."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.pictured import PicturedFile
from conversations.models.threads import Conversation, Mention
from conversations.visibility import Visibility
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class Reply(Owned):
    """An answer of ours on its way: the row holds its own id before the wire, so it is given exactly once.

    A like is an answer without words. `in_doubt_at`: a request for it left us then, and what became of that nobody has told
    us yet; only where the other side does not tell a second request from the first. `asked_keys`: of the forms by which its
    writer asked for approval.
    """

    class Kind(models.TextChoices):
        WORDS = "", _("Words")
        LIKE = "like", _("Like")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")

    conversation = OwnedForeignKey(Conversation, in_database="NO ACTION", related_name="replies")
    mention = OwnedForeignKey(Mention, in_database="NO ACTION", related_name="replies")
    kind = models.CharField(max_length=8, choices=Kind, blank=True, default="", db_default="")
    key = models.UUIDField()
    text = models.TextField()
    by_id = models.BigIntegerField(null=True)
    approved_by_id = models.BigIntegerField(null=True, blank=True)
    asked_keys = ArrayField(models.UUIDField(), default=list, blank=True, db_default=[])
    visibility = models.CharField(max_length=10, choices=Visibility, blank=True, default="", db_default="")
    warning = models.CharField(max_length=300, blank=True, default="", db_default="")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.SmallIntegerField(default=0)
    target_at = models.DateTimeField(null=True, blank=True)  # by when the team says it is answered
    due_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    remote_id = models.CharField(max_length=300, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True, blank=True)
    in_doubt_at = models.DateTimeField(null=True, blank=True)
    touchpoint_id = models.UUIDField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        verbose_name_plural = _("replies")
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="reply_key")]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "state", "due_at"], name="reply_due"),
            models.Index(fields=["workspace", "conversation", "created_at"], name="reply_thread"),
            models.Index(
                fields=["workspace", "created_at"], condition=models.Q(target_at__isnull=False), name="reply_in_time"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def is_like(self) -> bool:
        """Whether it says nothing but that we like it."""
        return self.kind == self.Kind.LIKE


class ReplyFile(PicturedFile):
    """A file that goes with an answer. Its bytes are here until the answer has left: then the email holds them."""

    reply = OwnedForeignKey(Reply, related_name="files")
    # of a picture that is shown on a network: what it shows, in words; its size; its id there once it was uploaded
    alt = models.CharField(max_length=1_500, blank=True, default="", db_default="")
    width = models.PositiveIntegerField(default=0, db_default=0)
    height = models.PositiveIntegerField(default=0, db_default=0)
    remote_id = models.CharField(max_length=100, blank=True, default="", db_default="")

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "reply"], name="reply_file")]


class TeamNote(Owned):
    """A word among colleagues inside a conversation; the person never sees it."""

    conversation = OwnedForeignKey(Conversation, related_name="notes")
    author_id = models.BigIntegerField(null=True)
    text = models.TextField()
    # who wrote it by email, in answer to a forward: nobody of the team, and nobody proved it
    writer = models.CharField(max_length=300, blank=True, default="", db_default="")
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "conversation", "created_at"], name="teamnote_thread")]

    def __str__(self) -> str:
        return self.text[:60]


class CannedReply(Owned):
    """An answer we give often."""

    title = models.CharField(_("title"), max_length=80)
    text = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=10, default="en")

    class Meta:
        base_manager_name = "objects"
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title
