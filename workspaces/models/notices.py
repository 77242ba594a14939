"""What a member was told of."""

from typing import ClassVar

from django.db import models

from lib.clock import now
from workspaces.owned import Owned


class Notice(Owned):
    """A piece of news for one member: numbers alone, its words are made when it is read (lib/notices.py).

    `occasion` tells one from another about the same subject: the note that names somebody, the moment something was due.
    """

    user_id = models.BigIntegerField()
    kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    by_id = models.BigIntegerField(null=True, blank=True)
    occasion = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "user_id", "kind", "subject_id", "occasion"], name="one_notice_an_occasion"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "user_id", "-created_at"], name="notices_of_member"),
            models.Index(fields=["workspace", "user_id"], condition=models.Q(seen_at=None), name="notices_unseen"),
            models.Index(
                fields=["workspace", "created_at"],
                condition=models.Q(seen_at=None, mailed_at=None),
                name="notices_to_mail",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"
