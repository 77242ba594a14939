"""What goes out: senders, contents, messages, chunks of recipients, one row for everybody ever reached or spared."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from consent.asking import MEANS, MessageClass
from consent.models import Topic
from contacts.models import Contact
from lib.clock import now
from lib.moments import moments_in_range
from workspaces.owned import Owned, OwnedForeignKey


class Sender(Owned):
    """Who messages come from, and by which messenger they leave.

    `settings` are the messenger's own (its Settings class says which), without secrets; `sealed_secret` is its
    password or key (lib.sealing).
    """

    kind = models.CharField(_("kind"), max_length=20, default="smtp")  # a messenger's `kind`
    name = models.CharField(_("name"), max_length=80)
    settings: Any = models.JSONField(default=dict)
    sealed_secret = models.BinaryField(default=bytes, blank=True)
    per_second = models.PositiveIntegerField(_("messages a second at most"), default=50)
    tested_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    takes_any_letters = models.BooleanField(default=False)  # its server offered SMTPUTF8 when we last spoke to it

    class Meta:
        base_manager_name = "objects"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Trial(Owned):
    """A message to a member that counts for nothing: asked for on a page, sent by a worker (test_sends.py).

    Without a message it is a line in plain words, to try the sender. `contact_id` is the person it is written for as
    an example. `said` is what to tell whoever asked; never what the other side wrote.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Being tried")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")

    sender = OwnedForeignKey(Sender, related_name="trials")
    message = OwnedForeignKey("delivery.Message", null=True, blank=True, related_name="trials")
    contact_id = models.BigIntegerField(null=True)
    by_id = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    said = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=now)
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "sender", "message", "-asked_at"], name="trial_of"),
            models.Index(fields=["workspace", "asked_at"], condition=models.Q(state="waiting"), name="trial_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.sender_id}: {self.state}"


class Content(Owned):
    """What a message says, in one language. Several messages may share it."""

    class Format(models.TextChoices):
        MARKDOWN = "markdown", "Markdown"
        HTML = "html", "HTML"
        MJML = "mjml", "MJML"

    subject = models.CharField(_("subject"), max_length=200, blank=True)
    preheader = models.CharField(_("preview line"), max_length=200, blank=True)
    body_format = models.CharField(max_length=10, choices=Format, default=Format.MARKDOWN)
    body = models.TextField(_("text"), blank=True)
    language = models.CharField(
        _("language"), max_length=10, blank=True, default="", db_default=""
    )  # of the foot; "": the workspace's
    changed_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return self.subject or f"#{self.pk}"


class Message(Owned):
    """Content, sender and purpose: what the engine delivers, from draft to sent.

    Whoever makes one gives it its recipients: a campaign an audience, a transactional send one person. Caps and
    holdouts stand here as data, so that the engine need not know where they come from: messages of one `cap_group`
    share `weekly_cap`; `holdouts` are pairs of [salt, buckets of 10,000] that get nothing. A standing message stays
    open for further recipients: one person at a time (transactional.py), or whoever enters a segment.
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

    name = models.CharField(max_length=120)
    content = OwnedForeignKey(Content, in_database="NO ACTION", related_name="messages")
    sender = OwnedForeignKey(Sender, null=True, blank=True, in_database="NO ACTION", related_name="messages")
    topic = OwnedForeignKey(Topic, null=True, blank=True, in_database="NO ACTION")
    purpose = models.CharField(_("kind of message"), max_length=14, choices=Purpose, default=Purpose.SUBSCRIBED)
    cap_group = models.BigIntegerField(null=True, blank=True)
    weekly_cap = models.PositiveSmallIntegerField(null=True, blank=True)
    holdouts: Any = models.JSONField(default=list)
    is_standing = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    state_reason = models.CharField(max_length=300, blank=True)
    approved_by_id = models.BigIntegerField(null=True, blank=True)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    planned_count = models.PositiveIntegerField(default=0)
    held_count = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [moments_in_range("scheduled_at", name="message_moment_in_range")]
        indexes: ClassVar = [models.Index(fields=["workspace", "state"], name="message_state")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_purposeful(self) -> bool:
        """Whether pauses, contact frequency and topics stop it: what is sent to many, unless an order needs it."""
        return self.purpose in {Message.Purpose.MARKETING, Message.Purpose.SUBSCRIBED}

    @property
    def is_counted(self) -> bool:
        """Whether it is a fact about its reader: who only may have signed up is nobody we may know anything of yet."""
        return self.purpose != Message.Purpose.CONFIRMATION

    @property
    def is_personal(self) -> bool:
        """Whether one of us wrote it to one person by hand (`PersonalEmail` says more)."""
        return self.purpose in {Message.Purpose.PERSONAL, Message.Purpose.ANSWER}

    @property
    def is_measured(self) -> bool:
        """Whether opens and clicks of it may be counted at all; never of what is asked or written to one person."""
        return self.is_counted and not self.is_personal


class RecipientChunk(Owned):
    """Up to a thousand contact ids of a message, leased by one worker at a time; the epoch fences late writers.

    Those to be tried again later become a chunk of their own, with its moment.
    """

    message = OwnedForeignKey(Message, related_name="chunks")
    number = models.PositiveIntegerField()
    occasion = models.BigIntegerField(default=0)
    contact_ids = ArrayField(models.BigIntegerField())
    epoch = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=80, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    is_done = models.BooleanField(default=False)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "message", "number"], name="chunk_number")
        ]

    def __str__(self) -> str:
        return f"{self.message_id}/{self.number}"


class Delivery(Owned):
    """What became of one person, one message and one occasion. The unique key is the lock: nobody gets it twice.

    `occasion` is 0 for a campaign, the period or the trigger's id for what may go out again.
    """

    class State(models.IntegerChoices):
        QUEUED = 0, _("Waiting")
        SENDING = 1, _("Being sent")
        SENT = 2, _("Sent")
        DEFERRED = 3, _("Trying again later")
        FAILED = 4, _("Refused")
        EXCLUDED = 5, _("Not sent to")
        IN_DOUBT = 6, _("Outcome unknown, not resent")
        CANCELLED = 7, _("Cancelled")

    message = OwnedForeignKey(Message, related_name="deliveries")
    contact = OwnedForeignKey(Contact, in_database="NO ACTION")
    occasion = models.BigIntegerField(default=0)
    address = models.CharField(max_length=254, blank=True)
    state = models.SmallIntegerField(choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=40, blank=True)
    attempts = models.SmallIntegerField(default=0)
    epoch = models.PositiveIntegerField(default=0)
    answer = models.CharField(max_length=300, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)
    unsure_opened_at = models.DateTimeField(null=True, blank=True)
    machine_opened_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    complained_at = models.DateTimeField(null=True, blank=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        verbose_name_plural = _("deliveries")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "message", "contact", "occasion"], name="one_delivery_an_occasion"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "contact", "-queued_at"], name="delivery_contact")]

    def __str__(self) -> str:
        return f"{self.message_id} → {self.contact_id}: {self.get_state_display()}"


class LastOpen(Owned):
    """The day on which somebody who lets us keep no more than that last fetched a picture of ours; none before it."""

    keyed_by = ("contact_id",)

    contact = OwnedForeignKey(Contact)
    day = models.DateField()

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.day}"


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
