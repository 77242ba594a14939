"""Pictures that stand in emails."""

from typing import ClassVar

from django.db import models

from contacts.models.files import KeptFile
from lib.clock import now


class Picture(KeptFile):
    """A picture of the workspace, made anew from what was uploaded. `fingerprint` is SHA-256 of its bytes, hexadecimal.

    `width` and `height` are its pixels; `alt` what it shows, in words, wherever nobody says otherwise.
    """

    fingerprint = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = models.CharField(max_length=300, blank=True)
    made_by_id = models.BigIntegerField(null=True, blank=True)
    made_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "fingerprint"], name="one_picture")]
        indexes: ClassVar = [models.Index(fields=["workspace", "-made_at"], name="picture_newest")]
