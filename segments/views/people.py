"""The list of people: an unsaved segment with search, filters in words and orders."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lib.web.htmx import go_to
from segments.forms import ViewForm
from segments.models import Segment
from segments.people.asking import Asked, read_asked
from segments.people.keeping import NameTakenError, keep_people, keep_rule
from segments.people.page import bulk_choices, head_of, people_page, read_adding, said_of
from segments.people.saved import default_view
from segments.quality import quality
from segments.rules.statements import TooSlowError
from workspaces.auditing import audit
from workspaces.panels import panels_at
from workspaces.permissions import may, needs
from workspaces.requests import Request


@needs("contacts.see")
@require_safe
def people(request: Request) -> HttpResponse:
    """Everybody who fits: search, filters, order; the next page by cursor. `add` and `say` write a filter."""
    if not request.GET and (view := default_view(int(request.user.pk or 0))) is not None:
        return redirect(f"{reverse('people:list')}?{view.address}")
    asked = read_asked(request, request.GET)
    adding = read_adding(request, asked, request.GET)
    if adding.filters is not None:
        return redirect(f"{reverse('people:list')}?{asked.address(filters=adding.filters)}")
    context = people_page(request, asked, request.GET.get("after", ""))
    if request.htmx and request.GET.get("after"):
        return render(request, "segments/people/table.html#rows", context)
    return _answer(request, asked, context | {"adding": adding})


def answer_list(request: Request, asked: Asked, said: dict[str, Any], *, status: int) -> HttpResponse:
    """The list with something to say beside it."""
    return _answer(request, asked, people_page(request, asked) | said, status=status)


@needs("contacts.see")
@require_safe
def count(request: Request) -> HttpResponse:
    """How many fit, where the page did not wait for it."""
    asked = read_asked(request, request.GET)
    context = {"said": said_of(asked, counts=True), "here": asked.address(), "is_filtered": asked.is_filtered}
    return render(request, "segments/people/sentence.html", context | {"is_counted": True})


@needs("segments.own")
@require_POST
def keep(request: Request) -> HttpResponse:
    """The people of the list become a segment (`as=rule`: whoever fits from now on) or a list (who fits today)."""
    asked = read_asked(request, QueryDict(request.POST.get("view", "")))
    name = request.POST.get("name", "").strip()[:120]
    is_private = not may(request.membership.role, "segments.edit")
    keeping = keep_people if request.POST.get("as") == "list" else keep_rule
    try:
        asked.check_whole()
        made = keeping(asked, name, owner_id=int(request.user.pk or 0), is_private=is_private)
    except (NameTakenError, ValueError, TooSlowError) as error:
        return answer_list(request, asked, {"keep_error": str(error), "keep_name": name}, status=422)
    audit("segment.saved", by=request.user, target=made)
    return _go(request, made)


@needs("contacts.see")
@require_safe
def list_quality(request: Request) -> HttpResponse:
    """How healthy the list is: each figure with how it is counted, its people, and what can be done."""
    found = quality()
    lines = [
        {"figure": one, "count": count, "share": 100 * count / max(1, found.total if found else 0)}
        for one, count in (found.lines if found else [])
    ]
    context = {"found": found, "lines": lines, "panels": panels_at("quality.after", request, None)}
    return render(request, "segments/quality.html", context)


def _answer(request: Request, asked: Asked, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The page, or the part of it that is swapped: the table while somebody types, the whole for a filter."""
    context |= head_of(request, asked)
    if context["may_edit"]:
        context |= bulk_choices(context["known"])
    view = context["view"]
    did = request.GET.get("did", "")
    context["did"] = next((one for one in context["actions"] if str(one.row.pk) == did), None)
    if view is not None and "view_form" not in context:
        context["view_form"] = ViewForm(view, may_share=context["may_share"])
    context["is_changed"] = view is not None and view.query != asked.address(without="view")
    template = "segments/people.html"
    if request.htmx:
        template += "#typed" if request.htmx.target == "people" else "#whole"
    return render(request, template, context, status=status)


def _go(request: Request, made: Segment) -> HttpResponse:
    address = reverse("segments:segment", args=[made.pk])
    return go_to(address) if request.htmx else redirect(address)
