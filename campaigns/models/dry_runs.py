"""What the gate would answer about a segment, asked in the background."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from consent.asking import MessageClass
from consent.models import Topic
from contacts.channels import Channel
from lib.clock import now
from segments.models import Segment
from workspaces.owned import Owned, OwnedForeignKey


class DryRun(Owned):
    """What the gate answered about everybody in a segment, one kind of message on one channel; the newest of a segment.

    `counts` is {code: people}, `done` of `people` are asked, up to the contact `last_id`. Gone after a week.
    """

    segment = OwnedForeignKey(Segment, related_name="dry_runs")
    message_class = models.CharField(max_length=14, choices=MessageClass)
    topic = OwnedForeignKey(Topic, null=True, blank=True)
    channel = models.SmallIntegerField(choices=Channel, default=Channel.EMAIL)
    people = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    last_id = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True)
    by_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "segment"], name="dry_run_of_segment")]

    def __str__(self) -> str:
        return f"{self.segment}: {self.done} / {self.people}"


class DryRunPart(Owned):
    """The people of one slice of a dry run about whom the gate answered the same; ids alone."""

    run = OwnedForeignKey(DryRun, related_name="parts")
    code = models.CharField(max_length=20)
    contact_ids = ArrayField(models.BigIntegerField())
    last_id = models.BigIntegerField()

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "run", "code", "last_id"], name="dry_run_parts")]

    def __str__(self) -> str:
        return f"{self.code}: {len(self.contact_ids)}"
