"""What people say to us and about us: conversations of mentions."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.connections import Connection, PublicAuthor
from conversations.models.pictured import PicturedFile
from conversations.visibility import Visibility
from lib.clock import now
from lib.times.moments import moments_in_range
from workspaces.owned import Owned, OwnedForeignKey


class Conversation(Owned):
    """A thread with one person across mentions: who is assigned, whether it waits, since when.

    `thread` is the network's own; without one, everything between us and that person is one conversation.

    `waiting_since`, `due_at`, `state` and `priority` are derived from its events (conversation_state.py); `wake_at` is the next
    moment at which time alone changes them.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for us")
        SNOOZED = "snoozed", _("Snoozed")
        DONE = "done", _("Closed")
        SPAM = "spam", _("Spam")
        MERGED = "merged", _("Merged")  # emptied: it is another one now (models/merges.py)

    author = OwnedForeignKey(PublicAuthor, in_database="NO ACTION", related_name="conversations")
    connection = OwnedForeignKey(Connection, in_database="NO ACTION")
    thread = models.CharField(max_length=300, blank=True)
    split_from_id = models.BigIntegerField(null=True, blank=True)  # whose thread it was on its network
    title = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    assignee_id = models.BigIntegerField(null=True, blank=True)
    is_public = models.BooleanField(default=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    due_minutes = models.PositiveIntegerField(null=True, blank=True)  # the target that decided, in working minutes
    due_for = models.CharField(max_length=24, blank=True, default="", db_default="")  # "public.complaint": whose it is
    resolve_by = models.DateTimeField(null=True, blank=True)
    assigned_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True)
    priority = models.IntegerField(default=0)
    priority_why = models.JSONField(default=list)
    last_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "connection", "thread", "author"], name="one_conversation_a_thread"
            ),
            moments_in_range("snoozed_until", "last_at", name="conversation_moments_in_range"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "state", "-priority", "waiting_since", "id"], name="inbox_order"),
            models.Index(fields=["workspace", "assignee_id", "state"], name="inbox_mine"),
            models.Index(fields=["workspace", "wake_at"], name="inbox_wakes"),
            models.Index(fields=["workspace", "-changed_at"], name="inbox_changed"),
            models.Index(fields=["workspace", "author"], name="conversation_author"),
        ]

    def __str__(self) -> str:
        return self.title or f"#{self.pk}"


class Mention(Owned):
    """One post, comment, review, mail or message that reached us. Unique by its id within its connection.

    A silent one (brought in from before a connection was made, or found by a listener and not written to us) asks for no
    answer. `engine` is "person" once somebody
    has corrected the sentiment. `twin_of` is the same post as another connection brought it first: a twin is followed
    like any other, but shown and counted only when the first is gone (joining.py; `uri` is what they share).
    """

    class Sentiment(models.TextChoices):
        NEGATIVE = "neg", _("Negative")
        NEUTRAL = "neu", _("Neutral")
        POSITIVE = "pos", _("Positive")
        UNCLEAR = "unc", _("Unclear")

    class Intent(models.TextChoices):
        COMPLAINT = "complaint", _("Complaint")
        QUESTION = "question", _("Question")
        REQUEST = "request", _("Request")
        PRAISE = "praise", _("Praise")
        OTHER = "other", _("Other")

    connection = OwnedForeignKey(Connection, in_database="NO ACTION", related_name="mentions")
    conversation = OwnedForeignKey(Conversation, in_database="NO ACTION", related_name="mentions")
    author = OwnedForeignKey(PublicAuthor, in_database="NO ACTION", related_name="mentions")
    network = models.CharField(max_length=40)
    remote_id = models.CharField(max_length=300)
    url = models.CharField(max_length=500, blank=True)
    uri = models.CharField(max_length=500, blank=True)
    twin_of = OwnedForeignKey("conversations.Mention", null=True, blank=True, related_name="twins")
    text = models.TextField()
    quoted = models.TextField(blank=True, default="", db_default="")  # what they quoted and signed with: no words to us
    former = models.JSONField(default=list)  # keyed hashes of what stood here before: an old copy is no edit
    visibility = models.CharField(max_length=10, choices=Visibility, blank=True, default="", db_default="")
    warning = models.CharField(max_length=300, blank=True, default="", db_default="")
    # what its network needs for an answer, as it said it
    wire: Any = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    found_by = models.CharField(max_length=130, blank=True, default="", db_default="")  # a listener: "#tea"
    language = models.CharField(max_length=10, blank=True)
    file_count = models.SmallIntegerField(default=0, db_default=0)
    reach = models.BigIntegerField(null=True, blank=True)
    rating = models.SmallIntegerField(null=True, blank=True)
    sentiment = models.CharField(max_length=3, choices=Sentiment, default=Sentiment.UNCLEAR)
    sentiment_milli = models.SmallIntegerField(null=True, blank=True)
    confidence_milli = models.SmallIntegerField(default=0)
    evidence = models.JSONField(default=list)
    engine = models.CharField(max_length=40, blank=True)
    intent = models.CharField(max_length=12, choices=Intent, default=Intent.OTHER)
    is_urgent = models.BooleanField(default=False)
    is_silent = models.BooleanField(default=False)
    corrected_by_id = models.BigIntegerField(null=True, blank=True)
    corrected_at = models.DateTimeField(null=True, blank=True)
    touchpoint_id = models.UUIDField(null=True, blank=True)
    published_at = models.DateTimeField()
    received_at = models.DateTimeField(default=now)
    edited_at = models.DateTimeField(null=True, blank=True)
    is_edit_noticed = models.BooleanField(default=False)  # `edited_at` is when we saw it: its source said no time
    deleted_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    heard_in_id = models.BigIntegerField(null=True, blank=True)  # whose thread it belongs to, where that was merged

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "connection", "remote_id"], name="mention_remote_id"),
            moments_in_range("published_at", "edited_at", name="mention_moments_in_range"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "conversation", "published_at"], name="mention_thread"),
            models.Index(fields=["workspace", "author", "-published_at"], name="mention_author"),
            models.Index(fields=["workspace", "connection", "-received_at"], name="mention_connection"),
            models.Index(fields=["workspace", "uri"], condition=~models.Q(uri=""), name="mention_uri"),
            models.Index(fields=["workspace", "conversation"], condition=~models.Q(found_by=""), name="mention_found"),
            models.Index(
                fields=["workspace", "language", "corrected_at"],
                condition=models.Q(corrected_at__isnull=False),
                name="mention_corrected",
            ),
            models.Index(fields=["workspace", "twin_of"], condition=models.Q(twin_of__gt=0), name="mention_twins"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class MentionFile(PicturedFile):
    """A file that came with what they wrote. Not kept: it was too large, and lies at its source. Kept without bytes of its
    own: they are in pieces (MentionFilePiece), so that nobody holds them all at once.
    """

    mention = OwnedForeignKey(Mention, related_name="files")
    is_kept = models.BooleanField(default=True, db_default=True)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "mention"], name="mention_file")]


class MentionFilePiece(Owned):
    """One piece of a large file that came, by its place in it."""

    file = OwnedForeignKey(MentionFile, related_name="pieces")
    place = models.PositiveSmallIntegerField()
    data = models.BinaryField()

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "file", "place"], name="one_file_piece_each")
        ]

    def __str__(self) -> str:
        return f"{self.file_id} {self.place}"
