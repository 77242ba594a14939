"""What colleagues keep at the desk: drafts, tags, who was named in a note, views, cases."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.folding import FoldedField
from conversations.models.answers import TeamNote
from conversations.models.pictured import PicturedFile
from conversations.models.threads import Conversation
from conversations.visibility import Visibility
from lib.clock import now
from lib.times.moments import moments_in_range
from workspaces.owned import Owned, OwnedForeignKey


class AnswerDraft(Owned):
    """An answer that a member has begun: it is there on whatever device they go on.

    `asked_keys`: of the forms by which its writer asked for approval, the newest last.
    """

    conversation = OwnedForeignKey(Conversation, related_name="drafts")
    user_id = models.BigIntegerField()
    text = models.TextField()
    visibility = models.CharField(max_length=10, choices=Visibility, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)  # since when it waits for somebody to approve it
    asked_keys = ArrayField(models.UUIDField(), default=list, blank=True, db_default=[])
    changed_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "conversation", "user_id"], name="one_draft_each")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "user_id", "-changed_at"], name="draft_of_member")]

    def __str__(self) -> str:
        return self.text[:60]


class AnswerDraftFile(PicturedFile):
    """What is to go with a begun answer: a picture made anew, with what it shows in words as soon as they are given, or a
    file of an email.
    """

    draft = OwnedForeignKey(AnswerDraft, related_name="files")
    alt = models.CharField(max_length=1_500, blank=True, default="", db_default="")
    width = models.PositiveIntegerField(default=0, db_default=0)  # pixels; 0: no picture that is shown
    height = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "draft"], name="answer_draft_file")]


class ConversationTag(Owned):
    """A word by which conversations of one kind are found; tags of the person stand with the person."""

    conversation = OwnedForeignKey(Conversation, related_name="tags")
    name = models.CharField(max_length=60)
    folded = FoldedField("name", max_length=60)

    class Meta:
        base_manager_name = "objects"
        ordering = ("folded",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "conversation", "folded"], name="one_conversation_tag_each")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "folded"], name="conversation_tag_name")]

    def __str__(self) -> str:
        return self.name


class TeamNoteMention(Owned):
    """A member who is named in a note: it stands among what mentions them until they saw it."""

    note = OwnedForeignKey(TeamNote, related_name="named")
    conversation = OwnedForeignKey(Conversation, related_name="named")
    user_id = models.BigIntegerField()
    seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "note", "user_id"], name="named_once")]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "user_id"], condition=models.Q(seen_at=None), name="named_unseen"),
            models.Index(fields=["workspace", "conversation"], name="named_in"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}"


class SavedView(Owned):
    """A way to look at the inbox, kept by its name: a member's own, or the whole team's (`user_id` None)."""

    user_id = models.BigIntegerField(null=True, blank=True)
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=400)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        ordering = ("name",)
        indexes: ClassVar = [models.Index(fields=["workspace", "user_id"], name="saved_view_of")]

    def __str__(self) -> str:
        return self.name


class Case(Owned):
    """What went wrong for somebody, and what we promised: by whom, until when, whether it was kept."""

    class Outcome(models.TextChoices):
        OPEN = "", _("Open")
        RECOVERED = "recovered", _("Made good")
        LOST = "lost", _("Not made good")

    conversation = OwnedForeignKey(Conversation, related_name="cases")
    what = models.CharField(_("what happened"), max_length=300)
    promise = models.CharField(_("what we promised"), max_length=300, blank=True)
    promised_by_id = models.BigIntegerField(null=True, blank=True)
    due_at = models.DateTimeField(_("until"), null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True)  # half of the time, then half an hour before; None: no more
    was_kept = models.BooleanField(null=True, blank=True)
    kept_count = models.PositiveSmallIntegerField(default=0)
    broken_count = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="")
    opened_by_id = models.BigIntegerField(null=True, blank=True)
    opened_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "conversation"], condition=models.Q(closed_at=None), name="one_open_case"
            ),
            moments_in_range("due_at", name="case_moments_in_range"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "promised_by_id", "due_at"],
                condition=models.Q(closed_at=None),
                name="case_promises",
            ),
            models.Index(fields=["workspace", "conversation", "-opened_at"], name="case_conversation"),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def is_promised(self) -> bool:
        """Whether a promise stands that is neither kept nor broken."""
        return bool(self.promise) and self.was_kept is None and self.closed_at is None
