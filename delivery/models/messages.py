"""What goes out: contents, messages, what one of us wrote by hand, links."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from consent.asking import MEANS, MessageClass
from consent.models import Topic
from delivery.models.senders import LETTER_KIND, PUSH_KIND, TEXT_KINDS, Sender
from lib.clock import now
from lib.times.moments import moments_in_range
from workspaces.owned import Owned, OwnedForeignKey


class Content(Owned):
    """What a message says, in one language. Several messages may share it.

    Of an email made of `blocks` (JSON, emails/reading.py) the body is the MJML they were drawn to when it was saved.
    `version` counts the times it was changed; ContentVersion keeps what it was.
    """

    class Format(models.TextChoices):
        BLOCKS = "blocks", _("Blocks")
        MARKDOWN = "markdown", "Markdown"
        HTML = "html", "HTML"
        MJML = "mjml", "MJML"

    subject = models.CharField(_("subject"), max_length=200, blank=True)
    preheader = models.CharField(_("preview line"), max_length=200, blank=True)
    body_format = models.CharField(max_length=10, choices=Format, default=Format.MARKDOWN)
    body = models.TextField(_("text"), blank=True)
    blocks = models.TextField(blank=True, default="", db_default="")
    version = models.PositiveIntegerField(default=1, db_default=1)
    language = models.CharField(
        _("language"), max_length=10, blank=True, default="", db_default=""
    )  # of the foot; "": the workspace's
    changed_at = models.DateTimeField(default=now)
    changed_by_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return self.subject or f"#{self.pk}"


# What somebody may choose to write in by hand.
HAND_WRITTEN = [one for one in Content.Format.choices if one[0] != Content.Format.BLOCKS]


class ContentVersion(Owned):
    """What a content was before it was changed: its words, who had written them last, and until when they stood.

    Changes of one member within a few minutes are one version. Of what was written by hand it keeps `body`, of blocks
    the blocks alone. `is_clash`: two wrote at once, and this is the other's.
    """

    content = OwnedForeignKey(Content, related_name="versions")
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=200, blank=True)
    preheader = models.CharField(max_length=200, blank=True)
    blocks = models.TextField(blank=True)
    body_format = models.CharField(max_length=10, blank=True, default="", db_default="")
    body = models.TextField(blank=True, default="", db_default="")
    by_id = models.BigIntegerField(null=True, blank=True)
    is_clash = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "content", "number"], name="content_version")
        ]

    def __str__(self) -> str:
        return f"{self.content_id} · {self.number}"


class Message(Owned):
    """Content, sender and purpose: what the engine delivers, from draft to sent.

    Whoever makes one gives it its recipients: a campaign an audience, a transactional send one person. Caps and
    holdouts stand here as data, so that the engine need not know where they come from: messages of one `cap_group`
    share `weekly_cap`; `holdouts` are pairs of [salt, buckets of 10,000] that get nothing. `link_parameters` are
    added to the query of its links (name → value). A standing message stays
    open for further recipients: one person at a time (transactional/), or whoever enters a segment (standing.py).
    `offers` are the keys of the pools of codes that it reads, kept when it is approved.
    `scheduled_at` is when it shall go out: `by_zone` when their own clocks show that time, `spread_minutes` from then on.
    `wall_at` is that time as clocks show it, written as if it were UTC, so that it can be one that does not exist here;
    None where it is what the workspace's clock shows at `scheduled_at`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        SCHEDULED = "scheduled", _("Scheduled")
        PLANNING = "planning", _("Planning")
        SENDING = "sending", _("Sending")
        PAUSED = "paused", _("Paused")
        SENT = "sent", _("Sent")
        CANCELLED = "cancelled", _("Cancelled")

    class Purpose(models.TextChoices):
        MARKETING = MessageClass.MARKETING.value, MEANS[MessageClass.MARKETING]
        SUBSCRIBED = MessageClass.SUBSCRIBED.value, MEANS[MessageClass.SUBSCRIBED]
        TRANSACTIONAL = MessageClass.TRANSACTIONAL.value, MEANS[MessageClass.TRANSACTIONAL]
        CONFIRMATION = MessageClass.CONFIRMATION.value, MEANS[MessageClass.CONFIRMATION]
        PERSONAL = MessageClass.PERSONAL.value, MEANS[MessageClass.PERSONAL]
        ANSWER = MessageClass.ANSWER.value, MEANS[MessageClass.ANSWER]

    is_public = False  # of a copy in memory: it is drawn for whoever has its address (emails in the browser)

    name = models.CharField(max_length=120)
    content = OwnedForeignKey(Content, in_database="NO ACTION", related_name="messages")
    sender = OwnedForeignKey(Sender, null=True, blank=True, in_database="NO ACTION", related_name="messages")
    topic = OwnedForeignKey(Topic, null=True, blank=True, in_database="NO ACTION")
    purpose = models.CharField(_("kind of message"), max_length=14, choices=Purpose, default=Purpose.SUBSCRIBED)
    cap_group = models.BigIntegerField(null=True, blank=True)
    weekly_cap = models.PositiveSmallIntegerField(null=True, blank=True)
    holdouts: Any = models.JSONField(default=list)
    link_parameters: Any = models.JSONField(default=dict, db_default={})
    offers: Any = models.JSONField(default=list, db_default=[])
    is_standing = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    state_reason = models.CharField(max_length=300, blank=True)
    approved_by_id = models.BigIntegerField(null=True, blank=True)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    by_zone = models.BooleanField(default=False, db_default=False)
    wall_at = models.DateTimeField(null=True, blank=True)
    spread_minutes = models.PositiveIntegerField(default=0, db_default=0)
    planned_at = models.DateTimeField(null=True, blank=True)
    planned_count = models.PositiveIntegerField(default=0)
    price_milli = models.PositiveIntegerField(null=True, blank=True)  # its sender's, of the day it was planned
    postage_milli = models.PositiveIntegerField(null=True, blank=True)
    held_count = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            moments_in_range("scheduled_at", name="message_moment_in_range"),
            moments_in_range("wall_at", name="message_wall_in_range"),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "state"], name="message_state")]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_at(self) -> datetime | None:
        """When it shall go out, to be read: what their clocks shall show (naive), or the moment."""
        return self.wall_at.replace(tzinfo=None) if self.by_zone and self.wall_at else self.scheduled_at

    @property
    def spread_hours(self) -> int:
        """`spread_minutes` in hours."""
        return self.spread_minutes // 60

    @property
    def is_purposeful(self) -> bool:
        """Whether pauses, contact frequency and topics stop it: what is sent to many, unless an order needs it."""
        return self.purpose in {Message.Purpose.MARKETING, Message.Purpose.SUBSCRIBED}

    @property
    def is_counted(self) -> bool:
        """Whether it is a fact about its reader: who only may have signed up is nobody we may know anything of yet."""
        return self.purpose != Message.Purpose.CONFIRMATION

    @property
    def is_text(self) -> bool:
        """Whether it goes to phones as a short text: without a frame, a subject or a foot."""
        return self.sender is not None and self.sender.kind in TEXT_KINDS

    @property
    def is_letter(self) -> bool:
        """Whether it is printed: its sheet comes from its sender."""
        return self.sender is not None and self.sender.kind == LETTER_KIND

    @property
    def is_notification(self) -> bool:
        """Whether it is shown by browsers: a title, which may be its first line, a text and one link."""
        return self.sender is not None and self.sender.kind == PUSH_KIND

    @property
    def is_plain(self) -> bool:
        """Whether it shows no page of an email."""
        return self.is_text or self.is_notification

    @property
    def is_personal(self) -> bool:
        """Whether one of us wrote it to one person by hand (`PersonalEmail` says more)."""
        return self.purpose in {Message.Purpose.PERSONAL, Message.Purpose.ANSWER}

    @property
    def is_measured(self) -> bool:
        """Whether opens and clicks of it may be counted at all; never of what is asked or written to one person, or is public."""
        return self.is_counted and not self.is_personal and not self.is_public


class TrackedLink(Owned):
    """A link of a message: its number in the token, its target here (so no open redirect)."""

    message = OwnedForeignKey(Message, related_name="links")
    number = models.SmallIntegerField()
    url = models.TextField()
    label = models.CharField(max_length=200, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "message", "number"], name="link_number")]

    def __str__(self) -> str:
        return self.url
