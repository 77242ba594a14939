"""What is typed about a team: its hours, its holidays, its targets, its members."""

import re
from collections.abc import Iterator
from datetime import date, time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from contacts.countries import country_choices
from conversations.assigning import answerers
from conversations.models import Connection, Team, TeamMember
from conversations.service_levels.channel_kinds import CHANNEL_KINDS, IN_PUBLIC
from conversations.service_levels.sla_clock import RESOLVED
from conversations.service_levels.targets import COLUMNS
from conversations.service_levels.team_hours import regions_of, targets_of
from lib.written_meanwhile import MeanwhileForm

CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
MOST_CLOSED = 200
TIMES = ("public", "private", "urgent", "resolution", "requeue", "escalate")


class TeamForm(MeanwhileForm):
    """A team. Times to answer are typed in hours of work and kept in minutes."""

    name = forms.CharField(label=_("Name"), max_length=60)
    connections = forms.ModelMultipleChoiceField(
        label=_("What comes in by"),
        queryset=Connection.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    country = forms.ChoiceField(label=_("Holidays of"), required=False)
    region = forms.CharField(
        label=_("Region"), max_length=6, required=False, help_text=_("Its letters, such as SN for Saxony.")
    )
    closed = forms.CharField(
        label=_("Days of your own"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Dates such as 2026-12-28, one a line."),
    )
    public = forms.FloatField(label=_("First answer in public"), min_value=0.25, max_value=500)
    private = forms.FloatField(label=_("First answer in private"), min_value=0.25, max_value=500)
    urgent = forms.FloatField(label=_("First answer to what is urgent"), min_value=0.25, max_value=500)
    resolution = forms.FloatField(label=_("All of it settled"), min_value=0.25, max_value=2_000)
    assigns = forms.ChoiceField(
        label=_("Who gets the next one"), choices=Team.Assigns.choices, required=False, widget=forms.RadioSelect
    )
    requeue = forms.FloatField(
        label=_("Back to everybody after"),
        min_value=0,
        max_value=500,
        help_text=_("Hours of work in which nobody said anything; 0 leaves it where it is."),
    )

    escalate = forms.FloatField(
        label=_("Very late after"),
        min_value=0,
        max_value=500,
        help_text=_("Hours of work after an answer was due; 0 tells nobody else."),
    )
    escalate_to = forms.TypedChoiceField(
        label=_("Who hears of what is very late"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team
        self.fields["connections"].queryset = Connection.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["country"].choices = [("", _("No holidays")), *country_choices()]  # type: ignore[attr-defined]
        everybody = [("", _("Everybody of the team")), *answerers().items()]
        self.fields["escalate_to"].choices = everybody  # type: ignore[attr-defined]
        for no in range(7):
            self.fields[f"opens_{no}"] = forms.TimeField(required=False, widget=CLOCK, label=_("opens"))
            self.fields[f"closes_{no}"] = forms.TimeField(required=False, widget=CLOCK, label=_("closes"))
        for kind, column in _all_cells():
            least, most = (0, 2_000) if column == RESOLVED else (0.25, 500)
            counts = forms.NumberInput(attrs={"placeholder": f"{_that_counts(team, kind, column) / 60:g}"})
            self.fields[f"at_{kind}_{column}"] = forms.FloatField(
                required=False, min_value=least, max_value=most, widget=counts
            )
        for user in answerers():
            self.fields[f"in_{user}"] = forms.BooleanField(required=False)
            self.fields[f"most_{user}"] = forms.IntegerField(required=False, min_value=0, max_value=1_000)
        self.initial = {**_said_by(team), **self.initial}
        self.meets = team.pk is not None

    def week(self) -> Iterator[tuple[Any, Any, Any]]:
        """(name of the day, its fields) for each day."""
        for no in range(7):
            yield WEEKDAYS[no], self[f"opens_{no}"], self[f"closes_{no}"]

    def cells(self) -> Iterator[tuple[str, Any, Any, list[tuple[Any, Any]]]]:
        """(kind, name, icon, [(column, field)]) for each kind of channel."""
        for kind, (name, icon) in CHANNEL_KINDS.items():
            yield kind, name, icon, [(words, self[f"at_{kind}_{column}"]) for column, words in COLUMNS.items()]

    def columns(self) -> list[Any]:
        """What is asked, and that all of it is settled."""
        return list(COLUMNS.values())

    def targets(self) -> list[Any]:
        """The fields of times."""
        return [self[name] for name in TIMES]

    def people(self) -> Iterator[tuple[int, str, Any, Any]]:
        """(user, name, whether they belong to it, how many at most) for each who may answer."""
        for user, name in answerers().items():
            yield user, name, self[f"in_{user}"], self[f"most_{user}"]

    def clean_closed(self) -> list[str]:
        words = re.split(r"[\s,;]+", self.cleaned_data["closed"].strip())
        try:
            days = sorted({date.fromisoformat(one).isoformat() for one in words if one})
        except ValueError as error:
            raise forms.ValidationError(_("Write each day as 2026-12-28. Nothing was saved yet.")) from error
        if len(days) > MOST_CLOSED:
            raise forms.ValidationError(_("Two hundred days are the most."))
        return days

    def clean_region(self) -> str:
        region, country = self.cleaned_data["region"].strip().upper(), self.cleaned_data.get("country", "")
        if region and region not in regions_of(country):
            known = ", ".join(regions_of(country)[:20]) or "–"
            raise forms.ValidationError(
                _("We know no holidays of this region; known are: %(known)s."), params={"known": known}
            )
        return str(region)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        week: list[list[str] | None] = []
        for no in range(7):
            opens, closes = said.get(f"opens_{no}"), said.get(f"closes_{no}")
            if (opens is None) != (closes is None):
                self.add_error(f"opens_{no}", _("Say both times, or none for a day on which nobody is there."))
            elif opens is not None and closes != time(0) and closes <= opens:
                self.add_error(f"opens_{no}", _("It closes before it opens."))
            week.append([f"{opens:%H:%M}", f"{closes:%H:%M}"] if opens is not None and closes is not None else None)
        if not any(week) and not self.errors:
            raise forms.ValidationError(_("Somebody must be there on one day of the week at least."))
        return said | {"week": week}

    def facts(self) -> dict[str, Any]:
        """What `keep_team` is told."""
        said = self.cleaned_data
        members = {user: said[f"most_{user}"] or 0 for user in answerers() if said[f"in_{user}"]}
        plain = {name: said[name] for name in ("name", "country", "region", "closed", "week", "assigns")}
        minutes = {f"{name}_minutes": round(60 * said[name]) for name in TIMES}
        minutes["escalate_to_id"] = said["escalate_to"]
        plain["targets"] = self._targets()
        return plain | minutes | {"members": members, "connections": said["connections"]}

    def _targets(self) -> dict[str, dict[str, int]]:
        """In minutes; what is empty is not in it: the usual counts."""
        found: dict[str, dict[str, int]] = {}
        for kind, column in _all_cells():
            hours = self.cleaned_data[f"at_{kind}_{column}"]
            if hours is not None:
                found.setdefault(kind, {})[column] = round(60 * hours)
        return found


def _all_cells() -> Iterator[tuple[str, str]]:
    return ((kind, column) for kind in CHANNEL_KINDS for column in COLUMNS)


def _that_counts(team: Team, kind: str, column: str) -> int:
    """The minutes of a cell, also where it is empty."""
    targets = targets_of(team)
    if column == RESOLVED:
        return targets.resolved(kind)
    return targets.first_answer(is_public=kind in IN_PUBLIC, channel=kind, asks=column)


def _said_by(team: Team) -> dict[str, Any]:
    said: dict[str, Any] = {name: getattr(team, name) for name in ("name", "country", "region", "assigns")}
    said |= {name: getattr(team, f"{name}_minutes") / 60 for name in TIMES}
    said |= {f"at_{kind}_{column}": minutes / 60 for kind, of in team.targets.items() for column, minutes in of.items()}
    said["escalate_to"] = team.escalate_to_id or ""
    said["closed"] = "\n".join(team.closed)
    for no, day in enumerate(team.week):
        said[f"opens_{no}"], said[f"closes_{no}"] = day or (None, None)
    if team.pk:
        said["connections"] = list(Connection.objects.filter(team=team).values_list("pk", flat=True))
        for member in TeamMember.objects.filter(team=team):
            said[f"in_{member.user_id}"], said[f"most_{member.user_id}"] = True, member.capacity or None
    return said
