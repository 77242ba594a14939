"""A programme's charter as a form, its preview, and what it cost beside its messages."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.charters.costing import add_cost, remove_cost
from campaigns.charters.forms import CostForm, ProgrammeForm
from campaigns.charters.keeping import keep_charter
from campaigns.charters.previewing import preview_of
from campaigns.charters.roles import usual_for
from campaigns.models import Programme, ProgrammeCost
from campaigns.views.programmes import programme_page
from lib.written_meanwhile import held
from workspaces.current import current_workspace
from workspaces.permissions import needs


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new programme; `?preset=` fills in what is usual for its role."""
    return _edit(request, Programme())


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a charter."""
    rows = Programme.objects.select_related("objective", "topic")
    return _edit(request, get_object_or_404(held(rows, request), pk=pk))


def _edit(request: HttpRequest, programme: Programme) -> HttpResponse:
    preset = request.GET.get("preset", "")
    initial = {} if programme.pk else usual_for(preset)
    data = request.POST if request.method == "POST" else None  # an empty one says something, too
    form = ProgrammeForm(data, instance=programme, initial=initial)
    looks = "look" in request.POST
    if request.method == "POST" and form.is_valid() and not looks:
        keep_charter(programme, **form.objective(), changed=form.changed_data, by=request.user)  # type: ignore[arg-type]
        messages.success(request, _("Saved."))
        return redirect("programmes:page", programme.pk)
    said = _said(form) if request.method == "POST" else _initial(form)
    context = {
        "form": form,
        "programme": programme,
        "is_new": programme.pk is None,
        "preview": preview_of(said, measures=looks),
        "currency": current_workspace().currency,
    }
    is_wrong = request.method == "POST" and not looks
    return render(request, "campaigns/programme_edit.html", context, status=422 if is_wrong else 200)


@needs("campaigns.edit")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The charter that stands in the form, as a reader would see it; keeps nothing."""
    form = ProgrammeForm(request.POST, instance=Programme())
    form.meets = False
    context = {"preview": preview_of(_said(form)), "currency": current_workspace().currency}
    return render(request, "campaigns/programme/preview.html", context)


def _said(form: ProgrammeForm) -> dict[str, Any]:
    """What can be read of it."""
    form.is_valid()
    return form.cleaned_data


def _initial(form: ProgrammeForm) -> dict[str, Any]:
    """What it shows before anybody has written in it."""
    goal = form.instance.objective
    shown = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return shown | {"check_on": goal.check_on if goal else None, "topic": form.instance.topic}


@needs("campaigns.edit")
@require_POST
def new_cost(request: HttpRequest, pk: int) -> HttpResponse:
    """Note what it cost beside its messages."""
    programme = get_object_or_404(Programme, pk=pk)
    form = CostForm(request.POST)
    if not form.is_valid():
        return programme_page(request, pk, cost_form=form, status=422)
    add_cost(programme, **form.facts(), by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("Added to what it cost."))
    return redirect("programmes:page", pk)


@needs("campaigns.edit")
@require_POST
def drop_cost(request: HttpRequest, pk: int, cost: int) -> HttpResponse:
    """It was no cost."""
    found = get_object_or_404(ProgrammeCost.objects.select_related("programme"), pk=cost, programme=pk)
    remove_cost(found, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("Removed from what it cost."))
    return redirect("programmes:page", pk)
