"""Doing something to the people who are ticked, or to everybody who fits; how far it is; taking it back; the file."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lib.asked import whole_number
from segments.leaf_types.base import RuleError
from segments.listing import ids_asked, known_among
from segments.models import BulkAction
from segments.people.asking import Asked, NotWholeError, read_asked
from segments.people.bulk.acting import VERBS, act, undo
from segments.people.bulk.base import BulkError
from segments.people.exporting import KINDS, export_people
from segments.people.page import shown_action
from segments.rules.statements import TooSlowError
from segments.views.people import answer_list
from workspaces.auditing import audit
from workspaces.permissions import may, needs
from workspaces.requests import Request


@needs("contacts.edit")
@require_POST
def bulk(request: Request) -> HttpResponse:
    """Do `do` to those who are ticked (`who`), or to everybody whom the list shows (`everybody`; its rule is posted)."""
    asked = read_asked(request, QueryDict(request.POST.get("view", "")))
    do = request.POST.get("do", "")
    try:
        if do not in VERBS:
            raise BulkError("")
        if do == "add_to_list" and not may(request.membership.role, "segments.edit"):
            raise PermissionDenied
        argument = VERBS[do].read(request.POST)
        action = act(do, argument, _people(request, asked), by=request.user)
    except (BulkError, NotWholeError, TooSlowError, RuleError) as error:
        return answer_list(request, asked, {"bulk_error": str(error), "bulk_do": do}, status=422)
    return _back(asked, action)


@needs("contacts.edit")
@require_POST
def take_back(request: Request, pk: int) -> HttpResponse:
    """Take an action back: one's own, or for those who lead the workspace anybody's."""
    action = _action(request, pk)
    asked = read_asked(request, QueryDict(request.POST.get("view", "")))
    try:
        undo(action, by=request.user)
    except BulkError as error:
        return answer_list(request, asked, {"bulk_error": str(error)}, status=422)
    return _back(asked, action)


@needs("contacts.edit")
@require_safe
def standing(request: Request, pk: int) -> HttpResponse:
    """One line about an action: how far it is, or what it did; asked again while it goes on."""
    action = shown_action(_action(request, pk))
    return render(
        request, "segments/people/action.html", {"action": action, "here": request.GET.get("view", "")[:8000]}
    )


@needs("contacts.identify")
@require_safe
def export(request: Request, kind: str) -> HttpResponse | StreamingHttpResponse:
    """What the list shows, as a file: `csv` or `jsonl`. Streamed, and written down."""
    if kind not in KINDS:
        raise Http404
    asked = read_asked(request, request.GET)
    try:
        asked.check_whole()
        lines = export_people(request, asked, kind)
    except (NotWholeError, TooSlowError, RuleError) as error:
        return answer_list(request, asked, {"bulk_error": str(error)}, status=422)
    audit("people.exported", by=request.user, format=kind, columns=[one.key for one in lines.columns])
    response = StreamingHttpResponse(lines, content_type=KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="people.{kind}"'
    return response


def _people(request: Request, asked: Asked) -> Sequence[int]:
    if request.POST.get("everybody"):
        asked.check_whole()
        return ids_asked(**asked.of_whom)
    ticked = {number for one in request.POST.getlist("who")[:5_000] if (number := whole_number(one)) is not None}
    return known_among(sorted(ticked))


def _action(request: Request, pk: int) -> BulkAction:
    action: BulkAction = get_object_or_404(BulkAction, pk=pk)
    if action.by_id != request.user.pk and not may(request.membership.role, "workspace.settings"):
        raise Http404
    return action


def _back(asked: Asked, action: BulkAction) -> HttpResponse:
    query = asked.address() or "view=0"
    return redirect(f"{reverse('people:list')}?{query}&did={action.pk}")
