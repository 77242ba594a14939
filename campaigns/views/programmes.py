"""Programmes: the list, one programme's page, its form."""

import json
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.composing import follow_programme
from campaigns.forms import ProgrammeForm
from campaigns.models import Campaign, Programme
from campaigns.objectives import bullet_of, history_of, rule_of, set_objective, unit_of
from campaigns.views.campaigns import is_moving
from lib.local_words import date_format
from workspaces.auditing import audit
from workspaces.permissions import may, needs

REMINDED_AFTER = 3
# kind: its role, what people get, what we get, emails a week at most
USUAL = {
    "newsletter": (
        _lazy("Stay in touch with those who asked for it"),
        _lazy("Something worth reading, now and then"),
        _lazy("Their attention for two minutes"),
        1,
    ),
    "welcome": (
        _lazy("Make a good start with new people"),
        _lazy("What they need to begin"),
        _lazy("What interests them"),
        3,
    ),
    "win_back": (
        _lazy("Ask those who went quiet whether they want to stay"),
        _lazy("A reason to come back, or an easy way out"),
        _lazy("A yes or a no"),
        1,
    ),
    "launch": (
        _lazy("Tell people about something new"),
        _lazy("First choice, before others"),
        _lazy("Their opinion, their order"),
        2,
    ),
    "loyalty": (
        _lazy("Thank those who stay"),
        _lazy("Things that others do not get"),
        _lazy("That they tell others"),
        1,
    ),
    "service": (
        _lazy("Help people to get the most out of what they bought"),
        _lazy("Answers before they ask"),
        _lazy("Word when something is wrong"),
        3,
    ),
}


@needs("campaigns.see")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All programmes, with how many emails each sent."""
    rows = list(Programme.objects.select_related("objective", "topic"))
    counted = (
        Campaign.objects.seen().exclude(message__planned_at=None).values_list("programme").annotate(count=Count("pk"))
    )
    sent = dict(counted.order_by())
    for one in rows:
        one.sent_count = sent.get(one.pk, 0)  # type: ignore[attr-defined]
        one.bullet = bullet_of(one.objective) if one.objective else None  # type: ignore[attr-defined]
    can_edit = may(request.membership.role, "campaigns.edit")  # type: ignore[attr-defined]
    return render(request, "campaigns/programmes.html", {"programmes": rows, "can_edit": can_edit})


@needs("campaigns.see")
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """What it is for, where it stands, its emails."""
    programme = get_object_or_404(Programme.objects.select_related("objective", "topic"), pk=pk)
    campaigns = Campaign.objects.seen().filter(programme=programme).select_related("segment", "message")
    context = {
        "programme": programme,
        "answer": _answer(programme),
        "campaigns": campaigns[:50],
        "is_live": is_moving(campaigns[:50]),
        "wants_target": programme.objective is None
        and campaigns.exclude(message__planned_at=None).count() >= REMINDED_AFTER,
        "can_edit": may(request.membership.role, "campaigns.edit"),  # type: ignore[attr-defined]
    }
    return render(request, "campaigns/programme.html", context)


def _answer(programme: Programme) -> dict[str, Any] | None:
    """What it answers for: the goal, its unit, the last weeks, and the rule by which its people can be looked at."""
    goal = programme.objective
    if goal is None:
        return None
    history = history_of(programme, goal)
    marks = [(_("start"), goal.baseline), (_("target"), goal.target)]
    return {
        "goal": goal,
        "unit": unit_of(goal),
        "bullet": bullet_of(goal),
        "series": [(date_format(one.day, "j M"), one.value) for one in history],
        "marks": [(label, value) for label, value in marks if value is not None],
        "people": history[-1].people if history else None,
        "rule": json.dumps(rule_of(programme)),
    }


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new programme; `?preset=` fills in what is usual for its kind."""
    return _edit(request, Programme())


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a programme."""
    return _edit(request, get_object_or_404(Programme.objects.select_related("objective"), pk=pk))


def _edit(request: HttpRequest, programme: Programme) -> HttpResponse:
    preset = request.GET.get("preset", "")
    initial = {} if programme.pk else usual_for(preset)
    form = ProgrammeForm(request.POST or None, instance=programme, initial=initial)
    if request.method == "POST" and form.is_valid():
        form.save()
        said = form.cleaned_data
        follow_programme(programme)
        anew = bool({"audience", "topic"} & set(form.changed_data))
        set_objective(programme, metric=said["metric"], target=said["target"], check_on=said["check_on"], anew=anew)
        audit("programme.edited", by=request.user, target=programme, fields=form.changed_data)  # type: ignore[arg-type]
        messages.success(request, _("Saved."))
        return redirect("programmes:page", programme.pk)
    context = {"form": form, "programme": programme, "presets": Programme.Preset.choices, "preset": preset}
    return render(request, "campaigns/programme_edit.html", context, status=422 if request.method == "POST" else 200)


def usual_for(preset: str) -> dict[str, object]:
    """What a programme of this kind usually says."""
    if preset not in Programme.Preset.values:
        return {}
    purpose, gives, asks, cap = USUAL[preset]
    name = dict(Programme.Preset.choices)[preset]
    return {"preset": preset, "name": name, "purpose": purpose, "gives": gives, "asks": asks, "weekly_cap": cap}
