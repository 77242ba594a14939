"""Offers: pools of codes, and each code: who has it, what became of it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from lib.clock import now
from lib.times.moments import moments_in_range
from workspaces.owned import Owned, OwnedForeignKey


class OfferPool(Owned):
    """One offer and its codes. `key` is how an email names it, {{ offer.spring }}, and never changes.

    A pool of unique codes gives each reader one of its own; one for everybody has `shared_code` alone. It gives and takes
    nothing once it expired or was withdrawn. `to_make` is how many codes a work still makes, of `making` asked for.
    """

    class Kind(models.TextChoices):
        UNIQUE = "unique", _("A code of their own for each")
        SHARED = "one", _("One code for everybody")

    name = models.CharField(_("Name"), max_length=80)
    key = models.CharField(_("Key"), max_length=40)
    kind = models.CharField(_("Codes"), max_length=6, choices=Kind, default=Kind.UNIQUE)
    worth = models.CharField(_("What it is worth"), max_length=120, blank=True)
    shared_code = models.CharField(_("Code"), max_length=64, blank=True)
    shared_folded = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField(_("Ends"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    to_make = models.PositiveIntegerField(default=0)
    making = models.PositiveIntegerField(default=0)
    prefix = models.CharField(max_length=20, blank=True)
    length = models.PositiveSmallIntegerField(default=8)
    made_by_id = models.BigIntegerField(null=True, blank=True)
    made_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "key"], name="one_pool_a_key"),
            models.UniqueConstraint(
                fields=["workspace", "shared_folded"], condition=~Q(shared_folded=""), name="one_pool_a_shared_code"
            ),
            moments_in_range("expires_at", name="pool_moments_in_range"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shared(self) -> bool:
        """Whether everybody has the same code."""
        return self.kind == self.Kind.SHARED

    @property
    def is_over(self) -> bool:
        """Whether it expired or was withdrawn."""
        return self.withdrawn_at is not None or (self.expires_at is not None and self.expires_at <= now())


class OfferCode(Owned):
    """One code of a pool, or one redemption of a code that everybody has (`is_shared`).

    `folded` is the code for comparing. `given_at`: it is somebody's, who was to get it by a message and occasion; of whom
    was erased the contact goes, and it stays given. A unique code is redeemed once.
    """

    pool = OwnedForeignKey(OfferPool, related_name="codes")
    code = models.CharField(max_length=64)
    folded = models.CharField(max_length=200)
    is_shared = models.BooleanField(default=False)
    contact = OwnedForeignKey(Contact, null=True, blank=True, related_name="+")
    message_id = models.BigIntegerField(null=True, blank=True)
    occasion = models.BigIntegerField(default=0)
    added_at = models.DateTimeField(default=now)
    given_at = models.DateTimeField(null=True, blank=True)
    redeemed_at = models.DateTimeField(null=True, blank=True)
    value_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    order_id = models.CharField(max_length=120, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "folded"], condition=Q(is_shared=False), name="one_code_once"),
            models.UniqueConstraint(
                fields=["workspace", "contact", "pool", "message_id", "occasion"],
                condition=Q(is_shared=False, given_at__isnull=False),
                name="one_code_a_reader",
            ),
            models.UniqueConstraint(
                fields=["workspace", "pool", "order_id"],
                condition=Q(is_shared=True) & ~Q(order_id=""),
                name="one_redemption_an_order",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "pool", "contact"], condition=Q(contact__isnull=False), name="codes_of_people"
            ),
            models.Index(
                fields=["workspace", "pool", "id"],
                condition=Q(given_at=None, redeemed_at=None, withdrawn_at=None),
                name="codes_free",
            ),
            models.Index(
                fields=["workspace", "pool", "message_id"], condition=Q(given_at__isnull=False), name="codes_given"
            ),
            models.Index(
                fields=["workspace", "pool", "redeemed_at"],
                condition=Q(redeemed_at__isnull=False),
                name="codes_redeemed",
            ),
        ]

    def __str__(self) -> str:
        return self.code
