"""Who answers: teams with their hours and targets, and their members."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.clock import now
from lib.times.moments import moments_in_range
from workspaces.owned import Owned, OwnedForeignKey


def usual_week() -> list[list[str] | None]:
    """Monday to Friday, nine to six."""
    return [["09:00", "18:00"]] * 5 + [None, None]


class Team(Owned):
    """Who answers what comes in by some connections: when they are there, within which time, who gets it."""

    class Assigns(models.TextChoices):
        NOBODY = "", _("Nobody: whoever takes it")
        IN_TURN = "in_turn", _("In turn: whoever is here and has the fewest")

    name = models.CharField(_("name"), max_length=60)
    week = models.JSONField(_("opening hours"), default=usual_week)  # seven, Monday first: ["09:00", "18:00"] or None
    closed = models.JSONField(_("days of your own"), default=list)  # dates beside the holidays
    country = models.CharField(_("holidays of"), max_length=2, blank=True)
    region = models.CharField(_("region"), max_length=6, blank=True)
    public_minutes = models.PositiveIntegerField(_("first answer in public"), default=240)
    private_minutes = models.PositiveIntegerField(_("first answer in private"), default=540)
    urgent_minutes = models.PositiveIntegerField(_("first answer to what is urgent"), default=60)
    resolution_minutes = models.PositiveIntegerField(_("all of it settled"), default=2700)
    # of a kind of channel and of what is asked, in working minutes: {"public": {"complaint": 60, "resolved": 1080}}
    targets: Any = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    assigns = models.CharField(_("who gets it"), max_length=10, choices=Assigns, blank=True, default="")
    requeue_minutes = models.PositiveIntegerField(_("back to everybody after"), default=0)
    escalate_minutes = models.PositiveIntegerField(_("very late after"), default=0, db_default=0)
    escalate_to_id = models.BigIntegerField(_("who is told of what is very late"), null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "name"], name="team_name"),
            models.CheckConstraint(
                condition=models.Q(public_minutes__gt=0, private_minutes__gt=0, urgent_minutes__gt=0),
                name="team_targets",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(Owned):
    """A member in a team: how many conversations they carry at most (0: as many as come), and until when they are away."""

    team = OwnedForeignKey("conversations.Team", related_name="members")
    user_id = models.BigIntegerField()
    capacity = models.PositiveSmallIntegerField(default=0)
    away_until = models.DateTimeField(null=True, blank=True)
    given_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "team", "user_id"], name="once_in_a_team"),
            moments_in_range("away_until", name="absence_in_range"),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "user_id"], name="teams_of_member")]

    def __str__(self) -> str:
        return f"{self.user_id}"
