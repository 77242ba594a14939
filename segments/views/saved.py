"""Saved views of the list of people and the columns of a view: what their forms do."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from contacts.showing import sees_names
from lib.written_meanwhile import held
from segments.forms import ViewForm
from segments.models import PeopleView
from segments.people.asking import Asked, read_asked
from segments.people.columns import MOST_COLUMNS, chosen_columns, default_keys, known_columns, moved
from segments.people.saved import (
    ViewNameError,
    change_view,
    choose_columns,
    chosen_for,
    delete_view,
    name_view,
    open_by_itself,
    save_view,
    views_of,
)
from segments.views.people import answer_list
from workspaces.auditing import audit
from workspaces.permissions import may, needs
from workspaces.requests import Request


@needs("contacts.see")
@require_POST
def columns(request: Request) -> HttpResponse:
    """Which columns this member sees here, in which order: those ticked (`c`), one a place earlier (`up`), or `reset`."""
    asked = read_asked(request, QueryDict(request.POST.get("view", "")))
    known = known_columns(sees_names=sees_names(request))
    keys = [one.key for one in chosen_columns(request.POST.getlist("c"), known)]
    if up := request.POST.get("up"):
        keys = moved(keys, up)
    choose_columns(_me(request), asked.view_id, None if "reset" in request.POST else keys[:MOST_COLUMNS])
    return _back(asked)


@needs("contacts.see")
@require_POST
def save(request: Request) -> HttpResponse:
    """What the list asks now becomes a view: a new one (`name`), or (`as=change`) the one that is open."""
    asked = read_asked(request, QueryDict(request.POST.get("view", "")))
    query = asked.address(without="view")
    view = views_of(_me(request)).filter(pk=asked.view_id).first()
    shown = chosen_for(_me(request), view).columns or default_keys()
    if request.POST.get("as") == "change" and view is not None:
        _check_mine(request, view)
        change_view(view, query=query, columns=shown)
        choose_columns(_me(request), view.pk, None)
    else:
        try:
            view = save_view(
                request.POST.get("name", ""),
                query=query,
                columns=shown,
                owner_id=_me(request),
                is_shared=_may_share(request) and "for_all" in request.POST,
            )
        except ViewNameError as error:
            return _refused(request, asked, error)
    audit("people_view.saved", by=request.user, target=view)
    return redirect(address_of(view))


@needs("contacts.see")
@require_POST
def change(request: Request, pk: int) -> HttpResponse:
    """A view of one's own gets another name, is shared or not, or is deleted; any opens by itself for this member."""
    view = get_object_or_404(held(views_of(_me(request)), request), pk=pk)
    do = request.POST.get("do")
    if do in {"open", "open_not"}:
        open_by_itself(_me(request), view.pk if do == "open" else None)
        return redirect(address_of(view))
    _check_mine(request, view)
    if do == "delete":
        audit("people_view.deleted", by=request.user, target=view, name=view.name)
        delete_view(view)
        return redirect(f"{reverse('people:list')}?view=0")
    form = ViewForm(view, request.POST, may_share=_may_share(request))
    if form.is_valid():
        said = form.cleaned_data
        try:
            name_view(view, said["name"], is_shared=said.get("for_all", False))
        except ViewNameError as error:
            form.add_error("name", str(error))
        else:
            audit("people_view.saved", by=request.user, target=view)
            return redirect(address_of(view))
    return answer_list(request, read_asked(request, QueryDict(view.address)), {"view_form": form}, status=422)


def address_of(view: PeopleView) -> str:
    """The list as this view asks for it."""
    return f"{reverse('people:list')}?{view.address}"


def _refused(request: Request, asked: Asked, error: ViewNameError) -> HttpResponse:
    said: dict[str, Any] = {"view_error": str(error), "view_name": request.POST.get("name", "")[:80]}
    return answer_list(request, asked, said, status=422)


def _check_mine(request: Request, view: PeopleView) -> None:
    if view.owner_id != _me(request) and not may(request.membership.role, "workspace.settings"):
        raise PermissionDenied


def _may_share(request: Request) -> bool:
    return may(request.membership.role, "segments.edit")


def _back(asked: Asked) -> HttpResponse:
    return redirect(f"{reverse('people:list')}?{asked.address() or 'view=0'}")


def _me(request: Request) -> int:
    return int(request.user.pk or 0)
