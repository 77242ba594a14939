"""Tests of versions, and the holdout of the whole workspace."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaigns import Campaign
from workspaces.owned import Owned, OwnedForeignKey


class Experiment(Owned):
    """A test of versions of a campaign on a part of its people; what did best then goes to the rest.

    `varies` is the one thing in which versions differ. A version is judged by `goal`, within `within_hours` of being sent:
    clicks by people, a kind of touchpoint (`kind`), or what they ordered less what they gave back. `test_percent` of the
    people are in the test, evenly; the rest waits `wait_hours` at most. Nothing is said before each version went to
    `planned_people`. `effect` is the size of a difference that would matter: points, or money for each person; None is
    what is usual. `result` keeps the counts of the moment it was decided.
    """

    class Varies(models.TextChoices):
        SUBJECT = "subject", _("The subject")
        CONTENT = "content", _("The whole email")
        SENDER = "sender", _("The sender")
        TIME = "time", _("The moment")

    class Goal(models.TextChoices):
        CLICKS = "clicks", _("Clicks by people")
        KIND = "kind", _("People who do something")
        REVENUE = "revenue", _("Revenue for each person")

    class State(models.TextChoices):
        DRAFT = "draft", _("Not started")
        RUNNING = "running", _("Runs")
        ASKS = "asks", _("Waits for you")
        DECIDED = "decided", _("Decided")
        ENDED = "ended", _("Ended")

    class How(models.TextChoices):
        NOT_YET = "", _("Not yet")
        PROVEN = "proven", _("Proven")
        PERSON = "person", _("By a person")
        TIME = "time", _("Out of time")

    campaign = OwnedForeignKey(Campaign, related_name="experiments")
    varies = models.CharField(max_length=8, choices=Varies, default=Varies.SUBJECT)
    goal = models.CharField(max_length=8, choices=Goal, default=Goal.CLICKS)
    kind = models.SmallIntegerField(null=True, blank=True)
    within_hours = models.PositiveSmallIntegerField(default=24)
    test_percent = models.PositiveSmallIntegerField(default=20)
    wait_hours = models.PositiveSmallIntegerField(default=24)
    planned_people = models.PositiveIntegerField(default=0)
    effect = models.FloatField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    why = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_how = models.CharField(max_length=8, choices=How, blank=True, default=How.NOT_YET)
    winner = models.PositiveSmallIntegerField(null=True, blank=True)
    rest_people = models.PositiveIntegerField(null=True, blank=True)
    result: Any = models.JSONField(default=dict, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "campaign"], name="one_experiment_a_campaign")
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.varies}"

    @property
    def is_open(self) -> bool:
        """Whether the rest still waits for somebody or something to decide."""
        return self.state in {self.State.RUNNING, self.State.ASKS}


class WorkspaceHoldout(Owned):
    """The share of all people who get no offers at all, whatever the campaign: what marketing as a whole brings."""

    percent = models.PositiveSmallIntegerField(_("holdout, in %"), default=0)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_holdout_a_workspace")]

    def __str__(self) -> str:
        return f"{self.percent} %"
