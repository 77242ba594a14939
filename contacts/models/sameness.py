"""Who is the same person as whom: the links, who decided them, and pairs that wait for somebody to decide."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.people import Contact
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class Merged(Owned):
    """`loser` is the same person as `survivor`. Rows keep their own contact; undo = delete.

    `into` is the contact that it was joined to, `survivor` who stands for both today: the end of the chain of `into`s.
    So links can be taken away in any order.
    """

    loser = OwnedForeignKey(Contact)
    survivor = OwnedForeignKey(Contact)
    into = OwnedForeignKey(Contact)
    at = models.DateTimeField(default=now)
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "loser"], name="merged_once")]
        indexes: ClassVar = [models.Index(fields=["workspace", "survivor"], name="merged_survivor")]

    def __str__(self) -> str:
        return f"{self.loser_id} → {self.survivor_id}"


class MergeRecord(Owned):
    """Somebody joined two contacts, and perhaps took it back.

    `changes` is {field: [what the survivor had, what it got]}: what a field got goes back when the merge is undone,
    unless somebody has changed it since.
    """

    loser = OwnedForeignKey(Contact)
    survivor = OwnedForeignKey(Contact)
    changes = models.JSONField(default=dict)
    score_milli = models.PositiveSmallIntegerField(null=True, blank=True)
    by_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=now)
    undone_by_id = models.BigIntegerField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "loser"], condition=models.Q(undone_at=None), name="one_standing_merge"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-at", "-id"], name="merge_newest"),
            models.Index(fields=["workspace", "survivor"], name="merge_survivor"),
        ]

    def __str__(self) -> str:
        return f"{self.loser_id} → {self.survivor_id}"


class DuplicatePair(Owned):
    """Two contacts that may be one person; `left_id` is the smaller id.

    `evidence` is a list of {"field", "how", "milli"}: what speaks for it and against, in thousandths of the score from
    500 on. No value stands in it. `decided_on` are the fields that spoke for it when somebody said that they are not
    the same: it is asked again when another one does.
    """

    class State(models.TextChoices):
        OPEN = "open", _("To review")
        DIFFERENT = "different", _("Not the same")
        MERGED = "merged", _("Merged")

    left = OwnedForeignKey(Contact)
    right = OwnedForeignKey(Contact)
    score_milli = models.PositiveSmallIntegerField()
    evidence = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    decided_on = models.JSONField(default=list)
    decided_by_id = models.BigIntegerField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "left", "right"], name="one_pair_each"),
            models.CheckConstraint(condition=models.Q(left__lt=models.F("right")), name="smaller_id_left"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "state", "-score_milli", "id"], name="pair_likeliest"),
            models.Index(fields=["workspace", "right"], name="pair_right"),
        ]

    def __str__(self) -> str:
        return f"{self.left_id} = {self.right_id}?"
