"""Pages of segments: the list, the builder with its live count, why somebody is in or out, the export."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.showing import sees_names, shown
from lib.web.htmx import go_to
from lib.written_meanwhile import held
from segments.builder.building import Draft, change, results
from segments.builder.drafting import in_shape, read_path, read_rule
from segments.builder.previewing import preview
from segments.builder.suggesting import suggest
from segments.builder.wording import sentences_of
from segments.exporting import members_as_csv
from segments.forms import SegmentDetailsForm
from segments.leaf_types.base import RuleError
from segments.masking import check_may_ask, hidden_paths
from segments.members.filling import is_big
from segments.members.growing import growth_of
from segments.members.membership import remove
from segments.members.rechecking import bring_in_members
from segments.models import Segment
from segments.rules.compiler import check_rule
from segments.rules.statements import TooSlowError
from segments.seeing import may_change, visible
from segments.taking import taken_to
from segments.using import uses_of
from segments.views.lists import keep_as_list, people_of
from workspaces.auditing import audit
from workspaces.permissions import may, needs
from workspaces.requests import Request


@needs("segments.see")
@require_safe
def segments(request: Request) -> HttpResponse:
    """Every segment this member may see, with how many stand in it."""
    found = list(visible(request).order_by("name"))
    said = sentences_of(found, sees_names=sees_names(request))
    rows = [{"segment": one, "sentence": said[one.pk]} for one in found]
    context = {"rows": rows, "may_make": _may_make(request)}
    return render(request, "segments/list.html", context)


@needs("segments.see")
def segment(request: Request, pk: int) -> HttpResponse:
    """One segment: its rule in words, who fits, and how to change it. Changes are a draft until they are saved."""
    rows = visible(request)
    found = get_object_or_404(held(rows, request) if request.POST.get("do") == "save" else rows, pk=pk)
    may_post = may_change(request, found) and not found.is_list
    if request.method == "POST" and not may_post and request.POST.get("do") != "why":
        raise PermissionDenied
    return _builder(request, found)


@needs("segments.see")
@require_safe
def standing(request: Request, pk: int) -> HttpResponse:
    """How many stand in a segment, or how far its filling is: what its page asks again while it is being filled."""
    found = get_object_or_404(visible(request), pk=pk)
    return render(request, "segments/segment.html#standing", {"segment": found, "growth": growth_of(found)})


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
    found = get_object_or_404(visible(request), pk=pk)
    if not may_change(request, found):
        raise PermissionDenied
    if uses := uses_of(found, user_id=request.user.pk):
        names = ", ".join(one.name for kind in uses for one in kind.uses)
        error = ((), _("It is used by: %(names)s. Change these first.") % {"names": names})
        draft = Draft(in_shape(found.rule), error=error)
        return _show(request, found, draft, _details(found), status=422)
    audit("segment.deleted", by=request.user, target=found, name=found.name)
    remove(found)
    return redirect("segments:list")


@needs("contacts.identify")
@require_safe
def export(request: Request, pk: int) -> HttpResponse:
    """The people of a segment as CSV, 10,000 at most; formulas are disarmed, and it is written down."""
    found = get_object_or_404(visible(request), pk=pk)
    audit("segment.exported", by=request.user, target=found)
    response = HttpResponse("\ufeff" + members_as_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="segment-{pk}.csv"'
    return response


def _builder(request: Request, found: Segment) -> HttpResponse:
    kept = Draft(in_shape(found.rule), is_kept=True)
    if request.method != "POST":
        return _show(request, found, kept, _details(found), counts=not is_big())
    if hidden_paths(request, kept.rule):  # this member may look at it and ask why, and never gets the rule itself
        kept.person = request.POST.get("person", "")[:200]
        return _show(request, found, kept, _details(found))
    draft = change(read_rule(request.POST.get("rule", "")), request.POST)
    if request.POST.get("do") == "keep" and not draft.error:
        return _keep(request, found, draft)
    details = _details(found, request.POST, typed=draft.rule)
    if request.POST.get("do") == "save" and not draft.error:
        return _save(request, found, draft, details)
    shown = _details(Segment(pk=found.pk, rule=found.rule), initial=request.POST.dict())
    shown.told = request.POST
    return _show(request, found, draft, shown, status=422 if draft.is_invalid else 200)


def _details(found: Segment, *args: Any, **kwargs: Any) -> SegmentDetailsForm:
    return SegmentDetailsForm(*args, instance=found, stood=in_shape(found.rule), **kwargs)


def _keep(request: Request, found: Segment, draft: Draft) -> HttpResponse:
    """Those who fit the draft now become a list; the segment itself stays as it is."""
    try:
        check_may_ask(request, draft.rule)
        check_rule(draft.rule)
        made = keep_as_list(request, request.POST.get("name", "").strip() or found.name, draft.rule)
    except RuleError as error:
        draft.error = (error.path, error.text)
    except TooSlowError as error:
        draft.error = ((), str(error))
    if draft.error:
        return _show(request, found, draft, _details(found), status=422)
    if request.htmx:
        return go_to(reverse("segments:segment", args=[made.pk]))
    return redirect("segments:segment", made.pk)


def _save(request: Request, found: Segment, draft: Draft, details: SegmentDetailsForm) -> HttpResponse:
    """Check, keep, and bring the members in line; the old rule stays where the new one cannot be read."""
    if not details.is_valid():
        return _show(request, found, draft, details, status=422)
    draft.rule = details.typed
    made = details.save(commit=False)
    made.is_private = made.is_private or not may(request.membership.role, "segments.edit")
    made.owner_id = made.owner_id or request.user.pk
    made.rule = draft.rule
    try:
        check_may_ask(request, draft.rule)
        check_rule(draft.rule, segment_id=made.pk)
        made.version += 1 if made.pk else 0
        made.save()
        bring_in_members(made)
    except RuleError as error:
        draft.error = (error.path, error.text)
    except TooSlowError as error:
        draft.error = ((), str(error))
    if draft.error:
        return _show(request, found, draft, details, status=422)
    audit("segment.saved", by=request.user, target=made)
    on = taken_to(request, made) or reverse("segments:segment", args=[made.pk])
    return go_to(on) if request.htmx else redirect(on)


def _show(
    request: Request,
    found: Segment,
    draft: Draft,
    details: SegmentDetailsForm,
    *,
    status: int = 200,
    counts: bool = True,
) -> HttpResponse:
    is_hidden = draft.is_kept and bool(hidden_paths(request, draft.rule))
    context: dict[str, Any] = {
        "segment": found,
        "details": details,
        "rule_text": "" if is_hidden else json.dumps(draft.rule),
        "may_change": not is_hidden and not found.is_list and (may_change(request, found) if found.pk else True),
        "may_delete": found.pk is not None and may_change(request, found),
        "may_export": may(request.membership.role, "contacts.identify"),
        "may_email": may(request.membership.role, "campaigns.edit"),
        "may_see_campaigns": may(request.membership.role, "campaigns.see"),
        "growth": growth_of(found),
        "uses": uses_of(found, user_id=request.user.pk),
        **results(request, draft, counts=counts),
    }
    if found.is_list:
        context |= people_of(request, found)
    if context["count"] is not None and not draft.is_kept:
        context["preview"] = _preview(request, found, draft)
    template = "segments/segment.html#builder" if request.htmx else "segments/segment.html"
    return render(request, template, context, status=status)


def _preview(request: Request, found: Segment, draft: Draft) -> dict[str, Any] | None:
    """Who would enter and leave if the draft were saved; None for what is not saved yet, or would change nothing."""
    if found.pk is None or draft.rule == in_shape(Segment.objects.get(pk=found.pk).rule) or found.is_being_filled:
        return None
    try:
        said = preview(found, draft.rule, salt=draft.salt, hidden=hidden_paths(request, draft.rule))
    except (RuleError, TooSlowError):
        return None
    movers = {
        name: [{"person": shown(request, one.contact), "why": one.why} for one in some]
        for name, some in (("enterers", said.enterers), ("leavers", said.leavers))
    }
    return {"entering": said.entering, "leaving": said.leaving, **movers}


def _may_make(request: Request) -> bool:
    return may(request.membership.role, "segments.own")
