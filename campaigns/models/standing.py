"""Campaigns that go out by themselves, and whose moment came."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaigns import Campaign
from contacts.models import Contact
from lib.clock import now
from lib.times.moments import days_in_range
from workspaces.owned import Owned, OwnedForeignKey


class StandingCampaign(Owned):
    """When a campaign goes out by itself: to whoever enters its segment, does something, or has a day coming.

    `campaign` is what goes out now; `draft` the version that is being written to follow it: who got the one does not get
    the other for the same occasion. `kind`: what they do (touchpoints/kinds.py); `field`: the custom field with the day,
    `offset_days` before or after which it goes at `at_hour` of their own clock. Nobody gets more than one, or one in
    `again_after_days`. Where more people than `most_a_day` would get it on a day, somebody looks first: those who came
    up to `allowed_until` were looked at. `dates_until`: up to which day days were looked for.
    """

    class Trigger(models.TextChoices):
        ENTERS = "enters", _("They enter the segment")
        HAPPENS = "happens", _("They do something")
        DATE = "date", _("A day comes, such as a birthday or a renewal")

    campaign = OwnedForeignKey(Campaign, related_name="standing")
    draft = OwnedForeignKey(Campaign, null=True, blank=True, in_database="NO ACTION", related_name="follows")
    trigger = models.CharField(max_length=8, choices=Trigger, default=Trigger.ENTERS)
    kind = models.SmallIntegerField(null=True, blank=True)
    field = models.CharField(max_length=80, blank=True)
    is_yearly = models.BooleanField(default=True)
    offset_days = models.SmallIntegerField(default=0)
    at_hour = models.PositiveSmallIntegerField(default=9)
    delay_minutes = models.PositiveIntegerField(default=0)
    again_after_days = models.PositiveSmallIntegerField(null=True, blank=True)
    includes_present = models.BooleanField(default=False)
    most_a_day = models.PositiveIntegerField(default=1_000)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    allowed_until = models.DateTimeField(null=True, blank=True)
    dates_until = models.DateField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "campaign"], name="one_standing_a_campaign"),
            days_in_range("dates_until", name="standing_days_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.trigger}"

    @property
    def is_running(self) -> bool:
        """Whether people may enter it: it was started, and not ended."""
        return self.started_at is not None and self.ended_at is None


class StandingEntry(Owned):
    """Somebody for whom the moment of a standing campaign came, once an occasion, and what became of it.

    `occasion` is 0 where they get it once, else the day (its ordinal) that it is about. It stays as the memory of who had it.
    """

    class Fate(models.TextChoices):
        WAITS = "", _("Waiting")
        GIVEN = "given", _("On its way")
        LEFT = "left", _("No longer in the segment")
        LATE = "late", _("The day had gone by")
        ENDED = "ended", _("The campaign had ended")

    standing = OwnedForeignKey(StandingCampaign, related_name="entries")
    contact = OwnedForeignKey(Contact, as_set=True)
    occasion = models.BigIntegerField(default=0)
    due_at = models.DateTimeField()
    made_at = models.DateTimeField(default=now)
    done_at = models.DateTimeField(null=True, blank=True)
    fate = models.CharField(max_length=5, choices=Fate, blank=True, default=Fate.WAITS)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "standing", "contact", "occasion"], name="one_entry_an_occasion"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "standing", "due_at"], condition=models.Q(done_at=None), name="standing_due"
            ),
            models.Index(fields=["workspace", "standing", "done_at"], name="standing_done"),
            models.Index(fields=["workspace", "contact"], name="standing_of_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.standing_id} → {self.contact_id} ({self.occasion})"
