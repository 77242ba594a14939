"""By which ways people reach us, and who they are there."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.folding import FoldedField
from contacts.models import Contact
from lib.clock import now
from workspaces.owned import Owned, OwnedForeignKey

ERASED = "erased-"  # what stands where a name of the network stood: unique, and leads nowhere


class Connection(Owned):
    """A way for mentions to come in: a signed webhook, a feed, by hand. Secrets are sealed.

    `due_at` is when a poller looks next, `polled_at` when something last came in or was last looked for with success.
    """

    network = models.CharField(_("network"), max_length=20)  # a network's `key`
    name = models.CharField(_("name"), max_length=120)
    url = models.URLField(_("address"), max_length=500, blank=True)
    callback_url = models.URLField(_("answers go to"), max_length=500, blank=True)
    # the network's own, without secrets
    settings: Any = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    sealed_secret = models.BinaryField(default=bytes, blank=True)
    is_public = models.BooleanField(_("everyone can read it"), default=True)
    team = OwnedForeignKey(
        "conversations.Team", null=True, blank=True, in_database="NO ACTION", related_name="connections"
    )
    cursor = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    polled_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=300, blank=True)  # what the last look left out
    health: Any = models.JSONField(
        default=dict, db_default=models.Value({}, models.JSONField())
    )  # what its server said
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class WatchedQuery(Owned):
    """A hashtag or words that a connection listens to. What it finds asks for no answer: nobody spoke to us.

    `cursor` is its own place, `due_at` when it is looked for next, `looked_at` when that last succeeded.
    """

    class Kind(models.TextChoices):
        HASHTAG = "hashtag", _("Hashtag")
        WORDS = "words", _("Words")

    connection = OwnedForeignKey(Connection, related_name="watched")
    kind = models.CharField(max_length=8, choices=Kind)
    query = models.CharField(max_length=120)
    folded = FoldedField("query", max_length=120)
    cursor = models.JSONField(default=dict)
    due_at = models.DateTimeField(default=now)
    looked_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        ordering = ("folded",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "connection", "kind", "folded"], name="watched_query_once")
        ]

    def __str__(self) -> str:
        return f"#{self.query}" if self.kind == self.Kind.HASHTAG else f"“{self.query}”"


class PublicAuthor(Owned):
    """Who wrote a mention. A stranger is not a contact; becoming one is an act (`contact` is set then).

    `claimed_by` is 0 where the network's server proves the handle; then the handle is one person wherever it is heard.
    Where the handle is only written down (a feed's author, a webhook's text) it holds the connection's id: the same
    name elsewhere is somebody else, and nothing follows from it by itself. Below 0 it is what a colleague told, or what came
    before, of an address that several people use (shared_senders.py): nobody writes as that author by themselves.
    `complained_at` is when what they wrote opened a complaint that is open still: whoever they turn out to be has it.
    """

    network = models.CharField(max_length=40)
    handle = models.CharField(max_length=200)
    claimed_by = models.BigIntegerField(default=0)
    name = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=500, blank=True)
    followers = models.BigIntegerField(null=True, blank=True)
    contact = OwnedForeignKey(Contact, null=True, blank=True, in_database="NO ACTION", related_name="authors")
    parted_from_id = models.BigIntegerField(null=True, blank=True)  # who they are not: nothing links the two by itself
    parted_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    seen_at = models.DateTimeField(default=now)
    complained_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "network", "handle", "claimed_by"], name="author_handle")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "contact"], name="author_contact")]

    def __str__(self) -> str:
        return self.name or self.handle


class AccountCode(Owned):
    """A code by which a person proves that an account on some network is theirs; only its hash is kept."""

    contact = OwnedForeignKey(Contact, related_name="account_codes")
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "code_hash"], name="account_code_once")]
        indexes: ClassVar = [models.Index(fields=["workspace", "contact"], name="account_code_contact")]

    def __str__(self) -> str:
        return f"{self.contact_id}"
