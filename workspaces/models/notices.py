"""What a member was told of, and the browsers that show it to them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from lib.clock import now
from workspaces.owned import HeldByMembership, Owned


class Notice(Owned):
    """A piece of news for one member: numbers alone, its words are made when it is read (lib/notices.py).

    `occasion` tells one from another about the same subject: the note that names somebody, the moment something was due.
    `mailed_at` and `pushed_at` are written before anything leaves: it leaves at most once, but for what a push service did
    not take (MemberBrowser.waiting).
    """

    user_id = models.BigIntegerField()
    kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    by_id = models.BigIntegerField(null=True, blank=True)
    occasion = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    pushed_at = models.DateTimeField(null=True, blank=True)

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
            models.Index(
                fields=["workspace", "created_at"],
                condition=models.Q(seen_at=None, pushed_at=None),
                name="notices_to_push",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class MemberBrowser(Owned):
    """One browser that shows a member what they are told, until its row goes.

    `digest` is the SHA-256 of the endpoint. `test_asked_at`: its member wants to see whether it works; none, once that left.
    `waiting`: notices, by number, that its service did not take for a passing reason, asked `tries` times. Nothing of what
    is told is asked of it before `again_at`.
    """

    user_id = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    endpoint = models.CharField(max_length=1_000)
    p256dh = models.CharField(max_length=88)
    auth = models.CharField(max_length=24)
    browser = models.CharField(max_length=60, blank=True)  # "Firefox, Android"
    given_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(default=now)
    test_asked_at = models.DateTimeField(null=True, blank=True)
    waiting = ArrayField(models.BigIntegerField(), default=list, blank=True, db_default=[])
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    again_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="member_browser_once"),
            HeldByMembership(name="member_browser_of_member"),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "user_id"], name="browsers_of_member")]

    def __str__(self) -> str:
        return self.browser or self.digest[:12]


class PushKeys(Owned):
    """The pair of keys by which push services know this workspace when it pushes to its members. One row, made at first use.

    `private` is sealed. Browsers that allowed us belong to the pair.
    """

    public = models.CharField(max_length=90)
    private = models.BinaryField(editable=False)
    made_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_pair_of_push_keys")]

    def __str__(self) -> str:
        return self.public[:12]
