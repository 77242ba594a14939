"""What a workspace's corrections taught the judge of feelings."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lib.clock import now
from workspaces.owned import Owned


class LearntFeelings(Owned):
    """What was learnt of one language on one night, and how it fared on corrections that it had not seen.

    At most one of a language is in use: the newest that was no worse than what was in use before, unless somebody went
    back. `weights` are differences to the shipped ones, by hashes: no word can be read from them.
    """

    class State(models.TextChoices):
        USED = "used", _("In use")
        BEFORE = "before", _("In use before")
        WORSE = "worse", _("Not better, so not used")
        UNDONE = "undone", _("Taken back")

    language = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State)
    weights = models.BinaryField()
    taught_count = models.PositiveIntegerField()  # corrections it learnt from
    left_count = models.PositiveIntegerField()  # texts that colleagues answered and left as they were judged
    figures: Any = models.JSONField(default=dict)  # learning_feelings.py: what was measured on what was held out
    learnt_until = models.DateTimeField()  # the newest correction that it has seen or was measured on
    created_at = models.DateTimeField(default=now)
    changed_by_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        ordering = ("-version",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "language", "version"], name="learnt_version"),
            models.UniqueConstraint(
                fields=["workspace", "language"], condition=Q(state="used"), name="one_learnt_in_use"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.version}"
