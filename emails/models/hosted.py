"""Emails that anybody may read in the browser."""

from typing import ClassVar

from django.db import models

from lib.clock import now
from workspaces.owned import Owned


class HostedEmail(Owned):
    """An email as anybody reads it in the browser, drawn once: of nobody's fields, without codes, nothing in it counted.

    `key` is what its address cannot be guessed without. It stays where it is taken out of the library: emails that went
    out lead to it.
    """

    message_id = models.BigIntegerField()
    key = models.CharField(max_length=32)
    title = models.CharField(max_length=200, blank=True)
    html = models.TextField()
    drawn_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "message_id"], name="one_page_an_email"),
            models.UniqueConstraint(fields=["workspace", "key"], name="one_page_a_key"),
        ]

    def __str__(self) -> str:
        return self.title
