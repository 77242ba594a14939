"""Programmes, and the campaigns that belong to them."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from consent.asking import MessageClass
from consent.models import Topic
from contacts.channels import Channel
from contacts.models import Audience, Contact
from delivery.models import Message
from engagement.models import Objective
from lib.clock import now
from lib.moments import days_in_range, moments_in_range
from segments.models import Segment
from workspaces.owned import Owned, OwnedForeignKey, OwnedManager


class Programme(Owned):
    """Why the brand talks to an audience: role, value exchange both ways, objective, cap, holdout."""

    class Preset(models.TextChoices):
        NEWSLETTER = "newsletter", _("Newsletter")
        WELCOME = "welcome", _("Welcome")
        WIN_BACK = "win_back", _("Win back")
        LAUNCH = "launch", _("Launch")
        LOYALTY = "loyalty", _("Loyalty")
        SERVICE = "service", _("Service")

    name = models.CharField(_("name"), max_length=120)
    preset = models.CharField(_("kind"), max_length=12, choices=Preset, default=Preset.NEWSLETTER)
    purpose = models.CharField(_("its role"), max_length=300, blank=True)
    gives = models.CharField(_("what people get"), max_length=300, blank=True)
    asks = models.CharField(_("what we get"), max_length=300, blank=True)
    audience = models.SmallIntegerField(_("audience"), choices=Audience, default=Audience.CUSTOMER)
    objective = OwnedForeignKey(Objective, null=True, blank=True, in_database="NO ACTION")
    topic = OwnedForeignKey(Topic, null=True, blank=True, in_database="NO ACTION")
    weekly_cap = models.PositiveSmallIntegerField(_("emails a week at most"), default=3)
    holdout_percent = models.PositiveSmallIntegerField(_("holdout, in %"), default=0)
    selling_percent = models.PositiveSmallIntegerField(_("offers among its emails, in % at most"), default=50)
    is_active = models.BooleanField(_("running"), default=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ProgrammeFigure(Owned):
    """What a programme answered for up to the start of a day, over the people it reached then. Written each night."""

    programme = OwnedForeignKey(Programme, related_name="figures")
    metric = models.CharField(max_length=12, choices=Objective.Metric)
    day = models.DateField()
    value = models.FloatField()
    people = models.IntegerField()

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "programme", "metric", "day"], name="one_figure_a_day"),
            days_in_range("day", name="figure_day_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.day}"


class Campaigns(OwnedManager["Campaign"]):
    """The words we use for campaigns."""

    def seen(self) -> models.QuerySet["Campaign"]:
        """Those that people see as campaigns: a further version of a test belongs to its first."""
        return self.filter(variant_of=None)


class Campaign(Owned):
    """A message and its audience: one email to one segment. Where it stands is the message's state.

    `variant_of`: it is a version of a test of this campaign, which is version 0 itself; `hours_later` is how much later
    it goes where moments are tested. `intended_at` is when a draft is meant to go out; once it is scheduled, the message's
    own moment counts. `expected` is what its pre-flight said when it was approved: {"at": ISO, "people": n, "reasons":
    {code: n}}.
    """

    message = OwnedForeignKey(Message, in_database="NO ACTION", related_name="campaigns")
    programme = OwnedForeignKey(Programme, null=True, blank=True, in_database="NO ACTION", related_name="campaigns")
    segment = OwnedForeignKey(Segment, null=True, blank=True, in_database="NO ACTION")
    holdout_percent = models.PositiveSmallIntegerField(_("holdout, in %"), default=0)
    variant_of = OwnedForeignKey("self", null=True, blank=True, related_name="versions")
    variant = models.PositiveSmallIntegerField(default=0)
    hours_later = models.PositiveSmallIntegerField(default=0)
    intended_at = models.DateTimeField(_("meant to go out"), null=True, blank=True)
    expected: Any = models.JSONField(default=dict, blank=True)
    created_by_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar[Campaigns] = Campaigns()

    class Meta:
        base_manager_name = "objects"
        ordering = ("-created_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "message"], name="one_campaign_a_message"),
            models.UniqueConstraint(fields=["workspace", "variant_of", "variant"], name="one_version_a_number"),
            moments_in_range("intended_at", name="campaign_moment_in_range"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The message's name; it has one home."""
        return self.message.name


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
    draft = OwnedForeignKey(Campaign, null=True, blank=True, related_name="follows")
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


class DryRun(Owned):
    """What the gate answered about everybody in a segment, one kind of message on one channel; the newest of a segment.

    `counts` is {code: people}, `done` of `people` are asked, up to the contact `last_id`. Gone after a week.
    """

    segment = OwnedForeignKey(Segment, related_name="dry_runs")
    message_class = models.CharField(max_length=14, choices=MessageClass)
    topic = OwnedForeignKey(Topic, null=True, blank=True)
    channel = models.SmallIntegerField(choices=Channel, default=Channel.EMAIL)
    people = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    last_id = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True)
    by_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "segment"], name="dry_run_of_segment")]

    def __str__(self) -> str:
        return f"{self.segment}: {self.done} / {self.people}"


class DryRunPart(Owned):
    """The people of one slice of a dry run about whom the gate answered the same; ids alone."""

    run = OwnedForeignKey(DryRun, related_name="parts")
    code = models.CharField(max_length=20)
    contact_ids = ArrayField(models.BigIntegerField())
    last_id = models.BigIntegerField()

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "run", "code", "last_id"], name="dry_run_parts")]

    def __str__(self) -> str:
        return f"{self.code}: {len(self.contact_ids)}"
