"""Pages of segments: the list, the builder with its live count, why somebody is in or out, the export."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lib.htmx import go_to
from lib.rooms import house
from segments.building import Draft, change, results
from segments.compiler import check_rule
from segments.drafting import in_shape, read_path, read_rule
from segments.exporting import members_as_csv
from segments.forms import SegmentDetailsForm
from segments.growing import growth_of
from segments.leaf_types.base import RuleError
from segments.masking import check_may_ask, hidden_paths
from segments.membership import readers_of, remove
from segments.models import Segment
from segments.rechecking import refresh_with_readers
from segments.statements import TooSlowError
from segments.suggesting import suggest
from workspaces.auditing import audit
from workspaces.permissions import may, needs
from workspaces.requests import Request


@needs("segments.see")
@require_safe
def segments(request: Request) -> HttpResponse:
    """Every segment this member may see, with how many stand in it."""
    context = {"segments": _visible(request).order_by("name"), "may_make": _may_make(request)}
    return render(request, "segments/list.html", context)


@needs("segments.see")
def segment(request: Request, pk: int) -> HttpResponse:
    """One segment: its rule in words, who fits, and how to change it. Changes are a draft until they are saved."""
    found = get_object_or_404(_visible(request), pk=pk)
    if request.method == "POST" and not _may_change(request, found) and request.POST.get("do") != "why":
        raise PermissionDenied
    return _builder(request, found)


@needs("segments.own")
def new(request: Request) -> HttpResponse:
    """A segment that does not exist yet."""
    return _builder(request, Segment(owner_id=request.user.pk, rule={"all": []}))


@needs("segments.see")
@require_POST
def suggestions(request: Request) -> HttpResponse:
    """Lines for the words typed at a place of the draft, each with how many people it would leave. Changes nothing."""
    where = request.POST.get("at", "")[:40]
    rule, path = read_rule(request.POST.get("rule", "")), read_path(where)
    words = request.POST.get(f"find-{where}", "")
    found = [] if hidden_paths(request, rule) else suggest(words, rule, path)
    return render(request, "segments/suggestions.html", {"found": found, "path": where, "words": words.strip()})


@needs("segments.own")
@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    """Take a segment away, unless another one reads it or a room relies on it."""
    found = get_object_or_404(_visible(request), pk=pk)
    if not _may_change(request, found):
        raise PermissionDenied
    readers = [str(one) for one in readers_of(found)]
    readers += [name for user in house.segment_users for name in user.names(pk)]
    if readers:
        names = ", ".join(readers)
        error = ((), _("It is used by: %(names)s. Change these first.") % {"names": names})
        draft = Draft(in_shape(found.rule), error=error)
        return _show(request, found, draft, SegmentDetailsForm(instance=found), status=422)
    audit("segment.deleted", by=request.user, target=found, name=found.name)
    remove(found)
    return redirect("segments:list")


@needs("contacts.identify")
@require_safe
def export(request: Request, pk: int) -> HttpResponse:
    """The people of a segment as CSV, 10,000 at most; formulas are disarmed, and it is written down."""
    found = get_object_or_404(_visible(request), pk=pk)
    audit("segment.exported", by=request.user, target=found)
    response = HttpResponse("\ufeff" + members_as_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="segment-{pk}.csv"'
    return response


def _builder(request: Request, found: Segment) -> HttpResponse:
    kept = Draft(in_shape(found.rule), is_kept=True)
    if request.method != "POST":
        return _show(request, found, kept, SegmentDetailsForm(instance=found))
    if hidden_paths(request, kept.rule):  # this member may look at it and ask why, and never gets the rule itself
        kept.person = request.POST.get("person", "")[:200]
        return _show(request, found, kept, SegmentDetailsForm(instance=found))
    draft = change(read_rule(request.POST.get("rule", "")), request.POST)
    details = SegmentDetailsForm(request.POST, instance=found)
    if request.POST.get("do") == "save" and not draft.error:
        return _save(request, found, draft, details)
    shown = SegmentDetailsForm(instance=Segment(pk=found.pk), initial=request.POST.dict())
    return _show(request, found, draft, shown, status=422 if draft.is_invalid else 200)


def _save(request: Request, found: Segment, draft: Draft, details: SegmentDetailsForm) -> HttpResponse:
    """Check, keep, and bring the members in line; the old rule stays where the new one cannot be read."""
    if not details.is_valid():
        return _show(request, found, draft, details, status=422)
    made = details.save(commit=False)
    made.is_private = made.is_private or not may(request.membership.role, "segments.edit")
    made.owner_id = made.owner_id or request.user.pk
    made.rule = draft.rule
    try:
        check_may_ask(request, draft.rule)
        check_rule(draft.rule, segment_id=made.pk)
        made.version += 1 if made.pk else 0
        made.save()
        refresh_with_readers(made)
    except RuleError as error:
        draft.error = (error.path, error.text)
    except TooSlowError as error:
        draft.error = ((), str(error))
    if draft.error:
        return _show(request, found, draft, details, status=422)
    audit("segment.saved", by=request.user, target=made)
    if request.htmx:
        return go_to(reverse("segments:segment", args=[made.pk]))
    return redirect("segments:segment", made.pk)


def _show(
    request: Request, found: Segment, draft: Draft, details: SegmentDetailsForm, *, status: int = 200
) -> HttpResponse:
    is_hidden = draft.is_kept and bool(hidden_paths(request, draft.rule))
    context: dict[str, Any] = {
        "segment": found,
        "details": details,
        "rule_text": "" if is_hidden else json.dumps(draft.rule),
        "may_change": not is_hidden and (_may_change(request, found) if found.pk else True),
        "may_export": may(request.membership.role, "contacts.identify"),
        "may_email": may(request.membership.role, "campaigns.edit"),
        "growth": growth_of(found),
        **results(request, draft),
    }
    template = "segments/segment.html#builder" if request.htmx else "segments/segment.html"
    return render(request, template, context, status=status)


def _visible(request: Request) -> Any:
    return Segment.objects.filter(Q(is_private=False) | Q(owner_id=request.user.pk))


def _may_make(request: Request) -> bool:
    return may(request.membership.role, "segments.own")


def _may_change(request: Request, found: Segment) -> bool:
    role = request.membership.role
    is_own = found.is_private and found.owner_id == request.user.pk and may(role, "segments.own")
    return is_own or may(role, "segments.edit")
