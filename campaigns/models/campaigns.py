"""Campaigns, and who was asked to approve them."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.programmes import Programme
from delivery.models import Message
from lib.clock import now
from lib.times.moments import moments_in_range
from segments.models import Segment
from workspaces.owned import Owned, OwnedForeignKey, OwnedManager


class Campaigns(OwnedManager["Campaign"]):
    """The words we use for campaigns."""

    def seen(self) -> models.QuerySet["Campaign"]:
        """Those that people see as campaigns: a further version of a test belongs to its first."""
        return self.filter(variant_of=None)


class Campaign(Owned):
    """A message and its audience: one email to one segment. Where it stands is the message's state.

    `variant_of`: it is a version of a test of this campaign, which is version 0 itself; `hours_later` is how much later
    it goes where moments are tested. `adds_utm`: its links tell the website that somebody comes from it. `intended_at` is
    when a draft is meant to go out; once it is scheduled, the message's own moment counts. `expected` is what its
    pre-flight said when it was approved: {"at": ISO, "people": n, "reasons": {code: n}}.
    """

    message = OwnedForeignKey(Message, in_database="NO ACTION", related_name="campaigns")
    programme = OwnedForeignKey(Programme, null=True, blank=True, in_database="NO ACTION", related_name="campaigns")
    segment = OwnedForeignKey(Segment, null=True, blank=True, in_database="NO ACTION")
    holdout_percent = models.PositiveSmallIntegerField(_("holdout, in %"), default=0)
    adds_utm = models.BooleanField(_("utm parameters in its links"), default=False, db_default=False)
    variant_of = OwnedForeignKey("self", null=True, blank=True, related_name="versions")
    variant = models.PositiveSmallIntegerField(default=0, db_default=0)
    hours_later = models.PositiveSmallIntegerField(default=0, db_default=0)
    intended_at = models.DateTimeField(_("meant to go out"), null=True, blank=True)
    expected: Any = models.JSONField(default=dict, db_default={}, blank=True)
    created_by_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar[Campaigns] = Campaigns()

    class Meta:
        base_manager_name = "objects"
        ordering = ("-created_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "message"], name="one_campaign_a_message"),
            models.UniqueConstraint(
                fields=["workspace", "variant_of", "variant"],
                condition=models.Q(variant_of__isnull=False),
                name="one_version_a_number",
            ),
            moments_in_range("intended_at", name="campaign_moment_in_range"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The message's name; it has one home."""
        return self.message.name


class CampaignReview(Owned):
    """Somebody asked for approval of a draft, and what the answer was. At most one of a campaign is open.

    `asked_of_id` is whom they asked, None: whoever may. `words` are the answer's, `note` the question's.
    """

    class Verdict(models.TextChoices):
        OPEN = "", _("In review")
        APPROVED = "approved", _("Approved")
        SENT_BACK = "sent_back", _("Sent back")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    campaign = OwnedForeignKey(Campaign, related_name="reviews")
    asked_by_id = models.BigIntegerField(null=True, blank=True)
    asked_of_id = models.BigIntegerField(null=True, blank=True)
    asked_at = models.DateTimeField(default=now)
    note = models.CharField(max_length=500, blank=True)
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.OPEN, blank=True)
    answered_by_id = models.BigIntegerField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        base_manager_name = "objects"
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "campaign"], condition=models.Q(verdict=""), name="one_open_review"
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.get_verdict_display()}"
