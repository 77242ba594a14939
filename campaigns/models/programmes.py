"""Programmes: why the brand talks to an audience, what each costs, and what it answered for."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from consent.models import Topic
from contacts.models import Audience
from engagement.models import Objective
from lib.clock import now
from lib.times.moments import days_in_range
from workspaces.owned import Owned, OwnedForeignKey


class Programme(Owned):
    """Why the brand talks to an audience: role, value exchange both ways, objective, cap, holdout, budget.

    `budget_minor` is in hundredths of the workspace's currency, None where nobody set one.
    """

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
    selling_percent = models.PositiveSmallIntegerField(
        _("offers among its emails, in % at most"), default=50, db_default=50
    )
    budget_minor = models.BigIntegerField(null=True, blank=True)
    is_active = models.BooleanField(_("running"), default=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ProgrammeCost(Owned):
    """What a programme cost beside its messages: hours, samples, an agency. In hundredths of the workspace's currency."""

    programme = OwnedForeignKey(Programme, related_name="costs")
    name = models.CharField(_("what for"), max_length=80)
    amount_minor = models.BigIntegerField()
    day = models.DateField(_("on"))
    by_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        ordering = ("-day", "-pk")
        constraints: ClassVar = [days_in_range("day", name="cost_day_in_range")]

    def __str__(self) -> str:
        return f"{self.name}: {self.amount_minor}"


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
