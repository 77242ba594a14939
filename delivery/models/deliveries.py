"""Chunks of recipients, and one row for everybody ever reached or spared."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from delivery.models.messages import Message
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class RecipientChunk(Owned):
    """Up to a thousand contact ids of a message, leased by one worker at a time; the epoch fences late writers.

    Those to be tried again later become a chunk of their own, with its moment. `counted_on`: the day of its sender's
    warm-up plan toward which its lease counts; `reason`: why it waits for its moment, where a plan is that ("warming_up").
    Who may go today is cut off a chunk under a number below all others (so below 0), and stands first wherever it waits.
    """

    message = OwnedForeignKey(Message, related_name="chunks")
    number = models.IntegerField()
    occasion = models.BigIntegerField(default=0)
    contact_ids = ArrayField(models.BigIntegerField())
    epoch = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=80, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    is_done = models.BooleanField(default=False)
    reason = models.CharField(max_length=20, blank=True, default="", db_default="")
    counted_on = models.DateField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "message", "number"], name="chunk_number")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "message", "number"], condition=models.Q(is_done=False), name="chunk_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.message_id}/{self.number}"


class Delivery(Owned):
    """What became of one person, one message and one occasion. The unique key is the lock: nobody gets it twice.

    `occasion` is 0 for a campaign, the period or the trigger's id for what may go out again. `delivered_at`: since when
    the carrier says that it lies at its reader's server; `soft_bounced_at`: the last time it came back for now;
    `resends`: how often it went out again under its old Message-ID because nobody knew what had become of it; `units`:
    how many of those it was that its sender's price is for.
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

    message = OwnedForeignKey(Message, as_set=True, related_name="deliveries")
    contact = OwnedForeignKey(Contact, in_database="NO ACTION", as_set=True)
    occasion = models.BigIntegerField(default=0)
    address = models.CharField(max_length=254, blank=True)
    state = models.SmallIntegerField(choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=40, blank=True)
    attempts = models.SmallIntegerField(default=0)
    units = models.SmallIntegerField(default=1, db_default=1)
    resends = models.SmallIntegerField(default=0, db_default=0)
    epoch = models.PositiveIntegerField(default=0)
    answer = models.CharField(max_length=300, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)
    unsure_opened_at = models.DateTimeField(null=True, blank=True)
    machine_opened_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    soft_bounced_at = models.DateTimeField(null=True, blank=True)
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
