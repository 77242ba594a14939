"""What the brand has to show: articles, podcasts, offers; and who was shown which of them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from emails.models.pictures import Picture
from lib.clock import now
from lib.times.moments import moments_in_range
from workspaces.owned import Owned, OwnedForeignKey


class LibraryItem(Owned):
    """One thing that emails may point to. `url` is where it lies: each address is in the library once.

    It is offered from `published_at` on, until `expires_at`; a webinar until `starts_at`. Without `language` it is for
    everybody. `tags` are ids of interest tags, and follow when these are merged or removed. `source` says where it came from:
    a host, "api", "" for what somebody typed. `message_id`: it is this email of ours, and nobody who got it is shown it.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", _("Email")
        ARTICLE = "article", _("Article")
        PODCAST = "podcast", _("Podcast")
        VIDEO = "video", _("Video")
        WEBINAR = "webinar", _("Webinar")
        OFFER = "offer", _("Offer")

    kind = models.CharField(_("Kind"), max_length=8, choices=Kind, default=Kind.ARTICLE)
    title = models.CharField(_("Title"), max_length=200)
    teaser = models.CharField(_("Teaser"), max_length=300, blank=True)
    url = models.CharField(_("Address"), max_length=600)
    picture = OwnedForeignKey(Picture, null=True, blank=True, in_database="NO ACTION", related_name="+")
    tags = ArrayField(models.BigIntegerField(), default=list, blank=True)
    language = models.CharField(_("Language"), max_length=10, blank=True)
    published_at = models.DateTimeField(_("Published"), default=now)
    starts_at = models.DateTimeField(_("Starts"), null=True, blank=True)
    expires_at = models.DateTimeField(_("Ends"), null=True, blank=True)
    is_active = models.BooleanField(default=True)
    source = models.CharField(max_length=120, blank=True)
    message_id = models.BigIntegerField(null=True, blank=True)
    made_by_id = models.BigIntegerField(null=True, blank=True)
    made_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "url"], name="one_item_an_address"),
            moments_in_range("published_at", "starts_at", "expires_at", name="item_moments_in_range"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-published_at", "-id"], name="library_newest"),
        ]

    def __str__(self) -> str:
        return self.title


class ShownItem(Owned):
    """That one person was to be shown an item by a message, and whether it went out, and whether they opened it.

    A row is written when the message is made ready for them (`picked_at`), with the block and the place in it; it counts
    as shown once the message went out (`sent_at`). A click on the item's address in any email leaves a row, too.
    """

    contact = OwnedForeignKey(Contact, related_name="+")
    item = OwnedForeignKey(LibraryItem, related_name="shown")
    message_id = models.BigIntegerField()
    occasion = models.BigIntegerField(default=0)
    block = models.CharField(max_length=12, blank=True)
    place = models.PositiveSmallIntegerField(default=0)
    picked_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "contact", "item", "message_id", "occasion"], name="one_item_a_message"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "message_id"], name="shown_by_message"),
            models.Index(fields=["workspace", "item"], name="shown_of_item"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} → {self.contact_id}"
