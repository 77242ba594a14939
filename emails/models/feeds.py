"""Feeds from which the library takes in what is new."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from emails.models.library import LibraryItem
from lib.clock import now
from workspaces.owned import Owned


class LibraryFeed(Owned):
    """An RSS or Atom feed that is looked at once a day; what is new in it comes into the library as a `kind` with `tags`.

    `seen` are marks of the addresses that stood in it the last time: what was taken away from the library does not come
    again. `trouble` is why the last look brought nothing, "" when it went well.
    """

    url = models.CharField(_("Address of the feed"), max_length=500)
    title = models.CharField(max_length=200, blank=True)
    kind = models.CharField(_("Kind"), max_length=8, choices=LibraryItem.Kind, default=LibraryItem.Kind.ARTICLE)
    tags = ArrayField(models.BigIntegerField(), default=list, blank=True)
    taken_count = models.PositiveIntegerField(default=0)
    checked_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True)
    seen: Any = ArrayField(models.BigIntegerField(), default=list, blank=True)
    made_by_id = models.BigIntegerField(null=True, blank=True)
    made_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        ordering = ("title", "pk")
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "url"], name="one_library_feed")]

    def __str__(self) -> str:
        return self.title or self.url
