"""Settings, team and hours: who answers what, when, within which time; and who is away."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from conversations.assigning import answerers
from conversations.forms import AwayForm
from conversations.giving import set_away
from conversations.models import Conversation, Team, TeamMember
from conversations.service_levels.channel_kinds import PUBLIC
from conversations.service_levels.keeping_time import Kept, kept_by_kind, times_kept
from conversations.service_levels.sla_clock import COMPLAINT, TARGETS
from conversations.service_levels.targets import SUGGESTED
from conversations.service_levels.team_hours import hours_of, targets_of
from conversations.team_forms import TeamForm
from conversations.teams import keep_team, remove_team
from lib.clock import now
from lib.local_words import date_format
from lib.written_meanwhile import held
from workspaces.current import current_workspace
from workspaces.permissions import needs
from workspaces.requests import Request

FRIDAY, AFTERNOON = 4, 15.5


@require_safe
@needs("social.answer")
def teams(request: Request) -> HttpResponse:
    """The teams, and who is here."""
    rows = Team.objects.prefetch_related("connections", "members")
    shown = [{"row": row, "example": example_of(row), "count": len(row.members.all())} for row in rows]
    context = {"teams": shown, "usual": example_of(None), "kept": times_kept()}
    return render(request, "conversations/teams/teams.html", context | {"people": _people(), "away_form": AwayForm()})


@needs("social.connect")
def team(request: Request, pk: int | None = None) -> HttpResponse:
    """One team: read it, change it, or make one."""
    row = get_object_or_404(held(Team.objects.all(), request), pk=pk) if pk else Team(name="", targets=SUGGESTED)
    form = TeamForm(request.POST if request.method == "POST" else None, team=row)
    if request.method == "POST" and form.is_valid():
        facts = form.facts()
        if Team.objects.exclude(pk=row.pk).filter(name=facts["name"]).exists():
            form.add_error("name", _("There is a team of this name already."))
        else:
            keep_team(row, by=request.user, **facts)
            messages.success(request, _("“%(name)s” is kept. %(example)s") % {"name": row, "example": example_of(row)})
            return redirect("conversations:teams")
    context = {"form": form, "team": row, "example": example_of(row), "cells": _cells(form, row)}
    return render(request, "conversations/teams/team.html", context, status=422 if form.errors else 200)


@require_POST
@needs("social.connect")
def remove(request: Request, pk: int) -> HttpResponse:
    """A team goes; the usual hours count again for what comes in by its connections."""
    remove_team(get_object_or_404(Team, pk=pk), by=request.user)
    messages.success(request, _("The team is gone. Monday to Friday, nine to six, counts again."))
    return redirect("conversations:teams")


@require_POST
@needs("social.answer")
def away(request: Request) -> HttpResponse:
    """I am away until then, or here again."""
    form = AwayForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(one) for errors in form.errors.values() for one in errors))
        return redirect("conversations:teams")
    until = form.cleaned_data["until"]
    back = set_away(int(request.user.pk or 0), until)
    said = ngettext(
        "%(n)d conversation of yours waits for everybody.", "%(n)d conversations of yours wait for everybody.", back
    )
    messages.success(request, (_("You are away.") + " " + said % {"n": back}) if until else _("You are here again."))
    return redirect("conversations:teams")


def _cells(form: TeamForm, row: Team) -> list[tuple[Any, Any, Any, Kept | None]]:
    """(name, icon, fields, how many were in time) for each kind of channel."""
    kept = kept_by_kind(row) if row.pk else {}
    return [(name, icon, fields, kept.get(kind)) for kind, name, icon, fields in form.cells()]


def example_of(team: Team | None) -> str:
    """In a sentence what the hours mean: when something of a Friday afternoon is answered."""
    hours, targets = hours_of(team), targets_of(team) if team else TARGETS
    zone = ZoneInfo(current_workspace().zone)
    today = now().astimezone(zone)
    friday = today.date() + timedelta(days=(FRIDAY - today.weekday()) % 7)
    asked = datetime.combine(friday, datetime.min.time(), zone) + timedelta(hours=AFTERNOON)
    due = hours.add(asked, targets.first_answer(is_public=True, channel=PUBLIC)).astimezone(zone)
    text = _("What is asked in public on Friday at 15:30 is answered by %(day)s, %(time)s.")
    said = text % {"day": date_format(due, "l"), "time": f"{due:%H:%M}"}
    sooner = hours.add(asked, targets.first_answer(is_public=True, channel=PUBLIC, asks=COMPLAINT)).astimezone(zone)
    if sooner == due:
        return said
    text = _("A complaint by %(day)s, %(time)s.")
    return said + " " + text % {"day": date_format(sooner, "l"), "time": f"{sooner:%H:%M}"}


def _people() -> list[dict[str, Any]]:
    """Who may answer, how many they carry, and whether they are away; three queries."""
    waiting = Conversation.objects.filter(state=Conversation.State.WAITING).exclude(assignee_id=None).order_by()
    carried = dict(waiting.values_list("assignee_id").annotate(n=Count("pk")))
    away = dict(TeamMember.objects.filter(away_until__gt=now()).values_list("user_id", "away_until"))
    most: dict[int, int] = {}
    for user, capacity in TeamMember.objects.exclude(capacity=0).values_list("user_id", "capacity"):
        most[user] = most.get(user, 0) + capacity
    return [
        {"user": user, "name": name, "carries": carried.get(user, 0), "most": most.get(user), "away": away.get(user)}
        for user, name in answerers().items()
    ]
