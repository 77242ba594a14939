"""What machines of a workspace's own are told and what they were answered: events, webhooks, answers kept for a day."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class ApiAnswer(Owned):
    """What a POST with an Idempotency-Key was answered, kept for 24 hours: the same one again gets the same answer.

    `is_forgotten`: somebody was erased meanwhile, and with them what answers said.
    """

    key_id = models.BigIntegerField()
    name = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField(blank=True)
    is_forgotten = models.BooleanField(default=False)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "key_id", "name"], name="one_answer_each_name")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "at"], name="answer_oldest")]

    def __str__(self) -> str:
        return self.name


class Event(Owned):
    """A piece of news for machines: what happened to whom, by ids alone. One row a batch, kept for 30 days.

    `position` is its place in the log. It is given after the transaction that told it has ended (events.number_events),
    so that nobody who has read up to a place ever misses what was written before it and committed later.
    """

    type = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    contact_ids = ArrayField(models.BigIntegerField(), default=list)
    at = models.DateTimeField(default=now)
    position = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "position"], name="one_event_each_place")]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "at"], name="event_oldest"),
            models.Index(fields=["workspace", "id"], condition=models.Q(position=None), name="event_without_place"),
        ]

    def __str__(self) -> str:
        return f"{self.type} @ {self.at:%Y-%m-%d %H:%M}"


class WebhookEndpoint(Owned):
    """An address of the workspace's own that is told of events, each as one signed POST (Standard Webhooks).

    `position`: up to where in the log deliveries were made for it. Where every attempt has failed since `failing_since`
    for three days, it is disabled and says why.
    """

    url = models.CharField(_("address"), max_length=500)
    name = models.CharField(_("name"), max_length=80)
    types = ArrayField(models.CharField(max_length=40), default=list)
    secret = models.BinaryField(editable=False)
    position = models.BigIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(Owned):
    """One event on its way to one endpoint: how often it was tried, what came back, when it is tried next."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Given up")

    endpoint = OwnedForeignKey(WebhookEndpoint, related_name="deliveries")
    event = OwnedForeignKey(Event, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=now)
    tried_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "endpoint", "event"], name="one_delivery_each")
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "due_at"], condition=models.Q(state="waiting"), name="delivery_due"),
            models.Index(fields=["workspace", "event"], name="delivery_event"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.endpoint_id}: {self.state}"
