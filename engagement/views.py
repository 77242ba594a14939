"""Home, the engagement page, the model behind the figures."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.models import Audience, Contact
from contacts.showing import name_for
from engagement import dashboards
from engagement.audience_snapshots import NIGHTLY
from engagement.forms import AnnotationForm
from engagement.model_table import weights_table
from engagement.modelling import current_model
from engagement.models import Annotation, AudienceSnapshot
from engagement.retention import worth_of_retention
from lib.asked import whole_number
from lib.clock import now
from lib.offers import Action
from lib.rooms import house
from segments.members.filling import is_big
from touchpoints.models import DayCount
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.panels import panels_at
from workspaces.permissions import may, needs
from workspaces.requests import Request
from workspaces.setting_up import checklist


@require_safe
@needs("home.see")
def home(request: Request) -> HttpResponse:
    """What a colleague would say first, then the figures, then the charts."""
    if not may(request.membership.role, "engagement.see"):
        return redirect("contacts:look_up")
    weeks = _weeks(request)
    many = is_big()
    care, care_count = dashboards.people_to_care_for(many=many)
    up, down = dashboards.movement()
    four, cohorts = dashboards.four_over_time(weeks), dashboards.who_came_back(many=many)
    if not four["charts"] and not AudienceSnapshot.objects.exists() and DayCount.objects.exists():
        agenda.set_due(NIGHTLY)
    return render(
        request,
        "engagement/home.html",
        {
            "today": now(),
            "weeks": weeks,
            "periods": dashboards.PERIODS,
            "care": _doors(request, care),
            "care_count": care_count,
            "up": up,
            "down": down,
            "four": four,
            "primary": _primary(request),
            "retention": worth_of_retention(cohorts),
            "setup": checklist(request),
            "is_empty": not care and not Contact.objects.exists(),
            "levels": dashboards.levels_by_audience(many=many),
            "counted_at": dashboards.counted_at(many=many),
            "channels": dashboards.channels_both_ways(),
            "cohorts": cohorts,
            "cohort_columns": [_("%(n)s mo") % {"n": n} for n in range(1, 7)],
            "main_panels": panels_at("home.main", request, None),
            "side_panels": panels_at("home.side", request, None),
        },
    )


def _primary(request: Request) -> Action | None:
    """Home's one primary action: the first that this member may do."""
    allowed = [one for one in house.actions if one.on_home and may(request.membership.role, one.permission)]
    return min(allowed, key=lambda one: one.on_home, default=None)


@require_safe
@needs("engagement.see")
def overview(request: Request) -> HttpResponse:
    """Each audience over time, who moves up and down."""
    weeks, role, many = _weeks(request), _role(request), is_big()
    up, down = dashboards.risers_and_fallers()
    return render(
        request,
        "engagement/overview.html",
        {
            "weeks": weeks,
            "periods": dashboards.PERIODS,
            "role": role,
            "audiences": Audience.choices,
            "four": dashboards.four_over_time(weeks, role),
            "levels": dashboards.levels_by_audience(many=many),
            "counted_at": dashboards.counted_at(many=many),
            "risers": [_named(request, one) for one in up],
            "fallers": [_named(request, one) for one in down],
            "annotations": Annotation.objects.all(),
            "form": AnnotationForm(),
            "may_annotate": may(request.membership.role, "engagement.edit"),
        },
    )


@require_safe
@needs("engagement.see")
def model(request: Request) -> HttpResponse:
    """What each kind of touchpoint is worth, and for how long."""
    return render(request, "engagement/model.html", {"model": current_model(), "rows": weights_table()})


@require_POST
@needs("engagement.edit")
def annotate(request: Request) -> HttpResponse:
    """Add an annotation to the charts."""
    form = AnnotationForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "annotations": Annotation.objects.all(), "may_annotate": True}
        return render(request, "engagement/annotations.html", context, status=422)
    audit("annotation.added", by=request.user, target=form.save())
    return redirect("engagement:overview")


@require_POST
@needs("engagement.edit")
def remove_annotation(request: Request, pk: int) -> HttpResponse:
    """Remove an annotation."""
    note = get_object_or_404(Annotation, pk=pk)
    audit("annotation.removed", by=request.user, target=note)
    note.delete()
    return redirect("engagement:overview")


def _doors(request: Request, care: list[dashboards.Care]) -> list[tuple[dashboards.Care, str]]:
    """Each with where they can be answered now ("": nowhere), named as this member may see them."""
    ids, places = [one.contact_id for one in care], dict[int, str]()
    for find in house.answer_places if ids else ():
        places |= find(request, ids)
    return [
        (replace(one, name=name_for(request, one.contact_id, one.name)), places.get(one.contact_id, "")) for one in care
    ]


def _named(request: Request, move: dict[str, Any]) -> dict[str, Any]:
    return move | {"name": name_for(request, move["contact"].pk, str(move["contact"]))}


def _weeks(request: Request) -> int:
    asked = whole_number(request.GET.get("weeks", ""))
    return asked if asked in dashboards.PERIODS else 12


def _role(request: Request) -> int:
    asked = whole_number(request.GET.get("audience", ""))
    return asked if asked in Audience.values else 0
