"""The ledger of facts and what belongs to it."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.channels import Channel
from contacts.models import Contact
from lib.clock import now
from lib.times.moments import moments_in_range
from workspaces.owned import Owned, OwnedForeignKey


class Touchpoint(Owned):
    """One moment of contact between a person and the brand. Written once, never changed.

    The table is partitioned by month (sql/ledger.sql). The id is the idempotency key: made of occurred_at, source
    and external_id by recording.py. No foreign key holds it: one for the contact cost 15 µs an event, where recording
    holds all people of a batch at once for 1.5, refuses a fact of nobody, and no contact with facts is deleted.
    """

    fastened_by_sql = True

    class Direction(models.IntegerChoices):
        INWARD = 0, _("from them")
        OUTWARD = 1, _("from us")

    class Certainty(models.IntegerChoices):
        HUMAN = 0, _("a person")
        UNCERTAIN = 1, _("not sure")
        MACHINE = 2, _("a machine")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=now)
    contact = OwnedForeignKey(Contact, in_database="NONE", related_name="touchpoints")
    identity_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)
    channel = models.SmallIntegerField(choices=Channel)
    kind = models.SmallIntegerField()
    direction = models.SmallIntegerField(choices=Direction)
    source_id = models.BigIntegerField()
    message_id = models.BigIntegerField(null=True)
    sentiment_milli = models.SmallIntegerField(null=True)
    value_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, null=True)  # noqa: DJ001 - char(3) in the ledger, absent is null
    weight_milli = models.IntegerField(default=1000)
    certainty = models.SmallIntegerField(choices=Certainty, default=Certainty.HUMAN)
    external_id = models.TextField()
    payload = models.JSONField(default=dict)

    class Meta:
        base_manager_name = "objects"
        ordering = ("-occurred_at", "-id")

    def __str__(self) -> str:
        return f"{self.kind} @ {self.occurred_at:%Y-%m-%d %H:%M}"


class Source(Owned):
    """Where facts come from: an API key, the web snippet, a campaign, a network, a person."""

    name = models.CharField(max_length=120)
    key = models.CharField(max_length=60)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="source_key")]

    def __str__(self) -> str:
        return self.name


class OwnKind(Owned):
    """A kind of touchpoint that only this workspace knows, made the first time its name arrives."""

    code = models.SmallIntegerField()
    key = models.CharField(max_length=80)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "key"], name="own_kind_key"),
            models.UniqueConstraint(fields=["workspace", "code"], name="own_kind_code"),
        ]

    def __str__(self) -> str:
        return self.key


class DayCount(Owned):
    """How often something happened on a day of the workspace's zone. Summed over slots on reading.

    Slots 0-7 keep recorders from queueing for one row.
    """

    is_derived = True

    day = models.DateField()
    channel = models.SmallIntegerField()
    kind = models.SmallIntegerField()
    message_id = models.BigIntegerField(null=True)
    direction = models.SmallIntegerField()
    slot = models.SmallIntegerField()
    count = models.BigIntegerField(default=0)
    sentiment_sum = models.BigIntegerField(default=0)
    value_sum = models.BigIntegerField(default=0)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "day", "channel", "kind", "message_id", "direction", "slot"],
                nulls_distinct=False,
                name="day_count_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.count}"


class Received(Owned):
    """The moment that a fact from outside first came with; whatever a retry says, it gets the same. Kept 30 days."""

    is_derived = True

    source_id = models.BigIntegerField()
    key = models.CharField(max_length=300)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "source_id", "key"], name="received_key"),
            moments_in_range("occurred_at", name="received_moment_in_range"),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "received_at"], name="received_age")]

    def __str__(self) -> str:
        return self.key


class Correction(Owned):
    """A later truth about a fact: a person's sentiment, a machine unmasked, a refund, a remote deletion.

    Only ever added to, by correcting.correct.
    """

    class Field(models.TextChoices):
        SENTIMENT = "sentiment", _("sentiment")
        CERTAINTY = "certainty", _("person or machine")
        VALUE = "value", _("value")
        DELETED = "deleted", _("deleted")

    touchpoint_id = models.UUIDField()
    occurred_at = models.DateTimeField()
    field = models.CharField(max_length=20, choices=Field)
    value = models.BigIntegerField(null=True)
    by_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "touchpoint_id", "field", "-at"], name="correction_of")]

    def __str__(self) -> str:
        return f"{self.field} of {self.touchpoint_id}"


class CorrectedFact(Owned):
    """How a fact stands after its corrections: one row for each that was ever corrected, read by sql/facts.sql."""

    is_derived = True

    touchpoint_id = models.UUIDField()
    occurred_at = models.DateTimeField()
    sentiment_milli = models.SmallIntegerField(null=True)
    certainty = models.SmallIntegerField(choices=Touchpoint.Certainty)
    value_minor = models.BigIntegerField(null=True)
    is_deleted = models.BooleanField(default=False)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "touchpoint_id"], name="one_truth_a_fact"),
        ]

    def __str__(self) -> str:
        return str(self.touchpoint_id)
