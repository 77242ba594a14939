"""How many emails a sender may send a day while receivers learn to know it."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from delivery.models.senders import Sender
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class WarmUp(Owned):
    """The plan by which a sender sends a little more each day; one a sender.

    `steps`: the most a day at each step, `step` counted from 0; `days_a_step`: good days before the next one.
    `taken_count` emails are counted toward `day` (of the workspace's zone), `granted_count` of them with the last chunk.
    `good_days` and `bad_days` in a row on this step; `trouble`: why the last day was a bad one (deliverability.warming),
    empty after a good one; `judged_on`: the last day that was looked at. While `ENDED` there is no limit.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Warming up")
        PAUSED = "paused", _("Stays at its step")
        ENDED = "ended", _("No limit")

    class Pace(models.IntegerChoices):
        FAST = 1, _("Fast: more each day")
        USUAL = 2, _("Usual: more every two days")
        SLOW = 4, _("Slow: more every four days")

    sender = OwnedForeignKey(Sender, related_name="warm_ups")
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    steps = ArrayField(models.PositiveIntegerField())
    step = models.PositiveSmallIntegerField(default=0)
    stepped_at = models.DateTimeField(default=now)
    days_a_step = models.PositiveSmallIntegerField(choices=Pace, default=Pace.USUAL)
    good_days = models.PositiveSmallIntegerField(default=0)
    bad_days = models.PositiveSmallIntegerField(default=0)
    trouble: Any = models.JSONField(default=dict)
    day = models.DateField(null=True)
    taken_count = models.PositiveIntegerField(default=0)
    granted_count = models.PositiveIntegerField(default=0)
    judged_on = models.DateField(null=True)
    started_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "sender"], name="one_warm_up_a_sender")]

    def __str__(self) -> str:
        return f"{self.sender_id}: {self.most}"

    @property
    def is_open(self) -> bool:
        """Whether it limits anything."""
        return self.state != WarmUp.State.ENDED

    @property
    def most(self) -> int:
        """How many may leave a day at this step."""
        return int(self.steps[self.step])

    @property
    def is_last_step(self) -> bool:
        """Whether no step is higher."""
        return self.step >= len(self.steps) - 1
