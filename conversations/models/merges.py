"""Which conversations were made one, and what moved."""

from typing import Any, ClassVar

from django.db import models

from conversations.models.threads import Conversation
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class ConversationMerge(Owned):
    """`lost` was emptied into `survivor`; what moved is kept by its numbers, without words, so that it can go back.

    `moved`: a kind of row → the numbers of those that moved. `before`: how both stood, and how the merge left the
    survivor, as the columns of each.
    """

    lost = OwnedForeignKey(Conversation, related_name="merges")
    survivor = OwnedForeignKey(Conversation, related_name="merged_here")
    moved: Any = models.JSONField(default=dict)
    before: Any = models.JSONField(default=dict)
    by_id = models.BigIntegerField(null=True, blank=True)
    merged_at = models.DateTimeField(default=now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "lost"], condition=models.Q(undone_at=None), name="one_merge_of_each"
            ),
            models.CheckConstraint(condition=~models.Q(lost=models.F("survivor")), name="merged_into_another"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "lost"], name="conversation_merge_lost"),
            models.Index(fields=["workspace", "survivor"], name="conversation_merge_into"),
        ]

    def __str__(self) -> str:
        return f"{self.lost_id} → {self.survivor_id}"
