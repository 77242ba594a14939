"""Browsers that take our notifications."""

from typing import ClassVar

from django.db import models

from contacts.models import Contact
from delivery.models import Sender
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class PushSubscription(Owned):
    """One browser that takes the notifications of one sender, until `gone_at`.

    `digest` is the SHA-256 of the endpoint and the identity (Kind.PUSH) by which the gate sees an address. `contact` is
    who stands today for `first_contact_id`, whose browser it was when it was allowed: a link that is taken away again
    gives it back.
    """

    sender = OwnedForeignKey(Sender, related_name="push_subscriptions")
    contact = OwnedForeignKey(Contact, related_name="push_subscriptions")
    first_contact_id = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    endpoint = models.CharField(max_length=1_000)
    p256dh = models.CharField(max_length=88)
    auth = models.CharField(max_length=24)
    browser = models.CharField(max_length=60, blank=True)  # "Firefox, Android"
    page = models.CharField(max_length=500, blank=True)
    given_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(default=now)
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="push_endpoint_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "contact"], condition=models.Q(gone_at=None), name="push_of_contact"),
            models.Index(fields=["workspace", "first_contact_id"], name="push_first_contact"),
        ]

    def __str__(self) -> str:
        return self.browser or self.digest[:12]
