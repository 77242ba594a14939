"""Models of what stays when an item does not become, or no longer is, a mention."""

from typing import ClassVar

from django.db import models

from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey


class Tombstone(Owned):
    """Its source deleted it: what comes late under this id is not stored. Kept for 90 days (tombstones.py)."""

    connection = OwnedForeignKey("conversations.Connection")
    remote_id = models.CharField(max_length=300)
    deleted_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "connection", "remote_id"], name="tombstone_remote_id")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "deleted_at"], name="tombstone_age")]

    def __str__(self) -> str:
        return self.remote_id


class SetAside(Owned):
    """One item that could not be kept, with its reason, while everything around it was (setting_aside.py).

    `key` is a hash of its id there, `digest` of all it said: the same poison is not tried at each look.
    """

    connection = OwnedForeignKey("conversations.Connection", related_name="set_aside")
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=200)
    excerpt = models.CharField(max_length=300, blank=True)
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(default=now)
    last_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "connection", "key"], name="one_set_aside_each")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "last_at"], name="set_aside_age")]

    def __str__(self) -> str:
        return self.reason
