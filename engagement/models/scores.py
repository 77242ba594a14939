"""Scores by forward decay, the model they follow, levels and their news."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Audience, Contact
from engagement.levels import Level
from lib.clock import now
from lib.times.moments import days_in_range
from workspaces.owned import Owned, OwnedForeignKey


class ScoreModel(Owned):
    """The constants of one version: weights and half-lives by kind, K and mixes by audience, median value, zone."""

    version = models.PositiveIntegerField()
    is_current = models.BooleanField(default=True)
    weights = models.JSONField()
    scales = models.JSONField()
    mixes = models.JSONField()
    median_value_minor = models.BigIntegerField(default=3000)
    zone = models.CharField(max_length=60, default="UTC")
    landmark = models.DateTimeField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "version"], name="score_model_version"),
            models.UniqueConstraint(
                fields=["workspace"], condition=models.Q(is_current=True), name="one_current_score_model"
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


class Score(Owned):
    """Ten decayed sums of one contact, each `v = Σ u·2^((t−landmark)/half-life)`; no column of it is indexed.

    `audience` decides the scale (engagement/audiences.py). The level is what was last announced; `week_*` keep last
    week's shown values for risers and fallers.
    """

    is_derived = True

    contact = OwnedForeignKey(Contact, related_name="scores")
    version = models.PositiveIntegerField(default=1)
    involvement_short = models.FloatField(default=0)
    involvement_long = models.FloatField(default=0)
    interaction_short = models.FloatField(default=0)
    interaction_long = models.FloatField(default=0)
    warm_short = models.FloatField(default=0)
    warm_long = models.FloatField(default=0)
    cold_short = models.FloatField(default=0)
    cold_long = models.FloatField(default=0)
    influence_short = models.FloatField(default=0)
    influence_long = models.FloatField(default=0)
    audience = models.SmallIntegerField(choices=Audience, default=Audience.PROSPECT, db_default=Audience.PROSPECT)
    level = models.SmallIntegerField(choices=Level, default=Level.UNKNOWN)
    level_at = models.DateTimeField(null=True)
    week_overall = models.FloatField(null=True)
    touched_at = models.DateTimeField(null=True)
    heat = models.FloatField(default=0, db_default=0)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "contact"], name="one_score_each")]

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.get_level_display()}"


class DayWeight(Owned):
    """How many events of a kind fed one target on one day, and their weights' sum: saturation needs both.

    `added_*` is what the last batch brought: with it one upsert knows before and after, and needs no join.
    """

    is_derived = True

    contact = OwnedForeignKey(Contact)
    kind = models.SmallIntegerField()
    target = models.SmallIntegerField()
    day = models.DateField()
    count = models.IntegerField()
    weight = models.FloatField()
    added_count = models.IntegerField()
    added_weight = models.FloatField()

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "contact", "kind", "target", "day"], name="one_day_weight")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.kind} {self.day}"


class Heat(Owned):
    """One sum over everything with a half-life of 30 days, whose order time alone never changes: "hottest now".

    Score.heat is the truth, added to by each recorded batch; this copy in the order of an index follows within seconds,
    when levels are announced (an index entry moved with each fact cost 20 µs).
    """

    is_derived = True

    contact = OwnedForeignKey(Contact)
    heat = models.FloatField(default=0)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "contact"], name="one_heat_each")]
        indexes: ClassVar = [models.Index(fields=["workspace", "-heat", "contact"], name="hottest")]

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.heat:.1f}"


class Touched(Owned):
    """People whose scores something changed, one row a batch: their levels are looked at within seconds, then it goes."""

    is_derived = True

    contact_ids = ArrayField(models.BigIntegerField())
    at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"{len(self.contact_ids)} @ {self.at:%Y-%m-%d %H:%M}"


class Fall(Owned):
    """The earliest moment at which a contact can cross a level with nothing new happening."""

    is_derived = True

    contact = OwnedForeignKey(Contact)
    due_at = models.DateTimeField()

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "contact"], name="one_fall_each")]
        indexes: ClassVar = [models.Index(fields=["workspace", "due_at"], name="fall_due")]

    def __str__(self) -> str:
        return f"{self.contact_id} @ {self.due_at:%Y-%m-%d}"


class LevelMove(Owned):
    """A contact moved from one level to another: the news that powers risers and fallers."""

    is_derived = True

    contact = OwnedForeignKey(Contact)
    at = models.DateTimeField(default=now)
    before = models.SmallIntegerField(choices=Level)
    after = models.SmallIntegerField(choices=Level)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-at", "-id"], name="move_newest"),
            models.Index(fields=["workspace", "contact", "-at"], name="move_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.before} → {self.after}"


class AudienceSnapshot(Owned):
    """How an audience stood on one day: people, mean of each I, people by level (role 0 = everybody).

    `is_stale`: a fact that it counted was corrected since; it is counted anew soon.
    """

    is_derived = True

    day = models.DateField()
    role = models.SmallIntegerField(default=0)
    people = models.IntegerField()
    involvement = models.FloatField()
    interaction = models.FloatField()
    intimacy = models.FloatField()
    influence = models.FloatField()
    levels = ArrayField(models.IntegerField(), size=6)
    is_stale = models.BooleanField(default=False)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "day", "role"], name="one_snapshot_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} role {self.role}"


class Objective(Owned):
    """What a programme answers for: a metric with its baseline, target and check date."""

    class Metric(models.TextChoices):
        VALUE = "value", _("Value bought")
        USAGE = "usage", _("Visits")
        INTERACTION = "interaction", _("Answers and questions")
        PURCHASES = "purchases", _("People who bought")
        PERCEPTION = "perception", _("How they feel about us")

    metric = models.CharField(_("what we measure"), max_length=12, choices=Metric)
    baseline = models.FloatField(_("at the start"), null=True, blank=True)
    target = models.FloatField(_("target"), null=True, blank=True)
    current = models.FloatField(null=True, blank=True)
    window_days = models.PositiveSmallIntegerField(_("measured over the last days"), default=28)
    check_on = models.DateField(_("check on"), null=True, blank=True)
    measured_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [days_in_range("check_on", name="objective_day_in_range")]

    def __str__(self) -> str:
        return str(self.get_metric_display())


class Annotation(Owned):
    """A word on the charts: "TV flight", "price rise"."""

    name = models.CharField(_("name"), max_length=60)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))

    class Meta:
        base_manager_name = "objects"
        ordering = ("starts_on",)
        constraints: ClassVar = [days_in_range("starts_on", "ends_on", name="annotation_days_in_range")]

    def __str__(self) -> str:
        return self.name
