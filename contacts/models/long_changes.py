"""Changes that mean so many people that they are made in the background."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.clock import now
from workspaces.owned import Owned


class LongChange(Owned):
    """One such change: of which kind, with which argument, by whom, how far it is.

    People have their turn in the order of their numbers; `after_id` is the last who had it. `kept_count` of them hold
    something that could not be changed and stays. `tries`: how often its next piece has failed, by which `trouble` last.
    """

    class State(models.IntegerChoices):
        RUNNING = 0, _("running")
        DONE = 1, _("done")
        FAILED = 2, _("failed")

    kind = models.CharField(max_length=20)
    argument: Any = models.JSONField(default=dict)
    state = models.SmallIntegerField(choices=State, default=State.RUNNING)
    total_count = models.PositiveIntegerField()
    done_count = models.PositiveIntegerField(default=0)
    kept_count = models.PositiveIntegerField(default=0)
    after_id = models.BigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    trouble = models.CharField(max_length=200, blank=True, default="", db_default="")
    by_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "at"], name="long_change_at")]

    def __str__(self) -> str:
        return f"{self.kind} @ {self.at:%Y-%m-%d %H:%M}"
