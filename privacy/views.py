"""The privacy desk: what people ask by law, the clock, the package, the erasure. One page, one request open beside it."""

from collections.abc import Callable, Iterable
from datetime import datetime, time
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.looking_up import look_up_exactly
from contacts.merging import relatives_of
from contacts.models import Contact
from contacts.showing import shown
from lib.asked import whole_number
from lib.rooms import house
from privacy.asking import (
    NoReasonError,
    NotCheckedError,
    NotOpenError,
    answer,
    assign,
    check_identity,
    extend,
    open_request,
    refuse,
)
from privacy.erasing import NotAskedError, NotSecondError, agree_to_erase, needs_second
from privacy.forms import CheckForm, ReasonForm, RequestForm, RetentionForm
from privacy.keeping import hold_retention, keep_for, retention
from privacy.listing import answered_requests, clock_of, open_requests, year_so_far
from privacy.models import PrivacyRequest
from privacy.packing import package_path
from workspaces.auditing import audit
from workspaces.models import User
from workspaces.permissions import needs
from workspaces.requests import Request

SHOWN = 100
MOST_COUNTED = 1_000
STEPS = {
    "asked": _lazy("Asked"),
    "asked_again": _lazy("Asked again"),
    "checked": _lazy("Identity checked"),
    "assigned": _lazy("Taken on"),
    "extended": _lazy("Two more months"),
    "packed": _lazy("Package made"),
    "agreed": _lazy("First person agreed"),
    "erased": _lazy("Erased"),
    "answered": _lazy("Answered"),
    "refused": _lazy("Refused"),
}


@needs("contacts.privacy")
@require_safe
def desk(request: Request) -> HttpResponse:
    """What waits, this year's answers, and one request with all that can be done about it."""
    return _page(request)


@needs("contacts.privacy")
@require_http_methods(["GET", "HEAD", "POST"])
def new_request(request: Request) -> HttpResponse:
    """A request by hand; `?of=12&kind=erase` names a person and what they ask."""
    of = whole_number(request.GET.get("of", ""))
    known = Contact.objects.filter(pk=of, erased_at=None).first() if of else None
    initial = {"kind": request.GET.get("kind", ""), "who": known.email or str(known) if known else ""}
    form = RequestForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        contact = known if known and said["who"] == initial["who"] else form.found()
        found = open_request(
            said["kind"],
            contact,
            way=said["way"],
            by=request.user,
            who="" if contact else said["who"],
            details=said["details"],
            received_at=_noon(request, said["received_on"]),
        )
        messages.success(request, _("Written down. The clock runs until %(day)s.") % {"day": found.due_on})
        return redirect(_address(found))
    return render(
        request,
        "privacy/new.html",
        {"form": form, "known": shown(request, known) if known else None},
        status=422 if form.is_bound else 200,
    )


@needs("contacts.privacy")
@require_POST
def act(request: Request, pk: int, what: str) -> HttpResponse:
    """One thing is done about a request."""
    found = get_object_or_404(PrivacyRequest, pk=pk)
    acts: dict[str, Callable[[Request, PrivacyRequest], str]] = {
        "check": _check,
        "assign": _assign,
        "extend": _extend,
        "answer": _answer,
        "refuse": _refuse,
        "erase": _erase,
    }
    if what not in acts:
        raise Http404
    try:
        said = acts[what](request, found)
    except (NotOpenError, NotAskedError):
        messages.error(request, _("Nothing was changed: this request has been answered already."))
    except NotCheckedError:
        messages.error(request, _("Nothing was changed: first make sure that it is them."))
    except NotSecondError:
        messages.error(request, _("You have agreed already. Somebody else has to agree, too."))
    except NoReasonError:
        messages.error(request, _("Nothing was changed: write the reason that they are told."))
    else:
        if said:
            messages.success(request, said)
    return redirect(_address(found))


@needs("contacts.privacy")
@require_POST
def keep(request: Request) -> HttpResponse:
    """How long things are kept is changed."""
    form = RetentionForm(request.POST, instance=hold_retention())
    if not form.is_valid():
        return _page(request, form)
    keep_for(by=request.user, **form.cleaned_data)
    messages.success(request, _("Saved. It counts from the next night on."))
    return redirect("privacy:desk")


@needs("contacts.privacy")
@require_safe
def package(request: Request, pk: int) -> FileResponse:
    """The package of an access request, for who answers it."""
    found = get_object_or_404(PrivacyRequest, pk=pk)
    path = package_path(found)
    if path is None:
        raise Http404
    audit("privacy.package_read", by=request.user, target=found)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"privacy-{found.pk}.zip")


def _check(request: Request, found: PrivacyRequest) -> str:
    form = CheckForm(request.POST)
    if not form.is_valid():
        raise NotCheckedError(found.pk)
    who = form.cleaned_data["who"]
    contact = look_up_exactly(who) if who and found.contact_id is None else None
    if found.contact_id is None and contact is None:
        messages.error(request, _("Nobody is known by that. Nothing was changed."))
        return ""
    check_identity(found, form.cleaned_data["how"], by=request.user, contact=contact)
    return _("Identity checked.")


def _assign(request: Request, found: PrivacyRequest) -> str:
    assign(found, request.user.pk, by=request.user)
    return _("It is yours.")


def _extend(request: Request, found: PrivacyRequest) -> str:
    extend(found, request.POST.get("why", ""), by=request.user)
    return _("Two more months. Tell them why, within the first.")


def _answer(request: Request, found: PrivacyRequest) -> str:
    answer(found, by=request.user, note=request.POST.get("note", ""))
    return _("Answered.")


def _refuse(request: Request, found: PrivacyRequest) -> str:
    refuse(found, request.POST.get("why", ""), by=request.user)
    return _("Refused. They may complain to the authority: tell them.")


def _erase(request: Request, found: PrivacyRequest) -> str:
    if agree_to_erase(found, by=request.user):
        return _("Erased. What stays is without a name.")
    return _("You agree. A second person has to agree, too; nothing is erased yet.")


def _page(request: Request, form: RetentionForm | None = None) -> HttpResponse:
    waiting = list(open_requests()[:SHOWN])
    answered = list(answered_requests()[:20]) if "answered" in request.GET else []
    pk = whole_number(request.GET.get("request", ""))
    chosen = PrivacyRequest.objects.select_related("contact").filter(pk=pk).first() if pk else next(iter(waiting), None)
    names = _names([*waiting, *answered, *([chosen] if chosen else [])])
    clocks = [clock_of(one) for one in waiting]
    context = {
        "rows": [_row(request, one, clock, names) for one, clock in zip(waiting, clocks, strict=True)],
        "answered": [_row(request, one, None, names) for one in answered],
        "shows_answered": "answered" in request.GET,
        "near": sum(clock.is_near for clock in clocks),
        "soonest": min((clock.left for clock in clocks), default=None),
        "year": year_so_far(),
        "chosen": _chosen(request, chosen, names) if chosen else None,
        "retention_form": form or RetentionForm(instance=retention()),
    }
    return render(request, "privacy/desk.html", context, status=422 if form else 200)


def _row(request: Request, one: PrivacyRequest, clock: Any, names: dict[int, str]) -> dict[str, Any]:
    return {
        "request": one,
        "person": shown(request, one.contact) if one.contact and not one.contact.erased_at else None,
        "clock": clock,
        "with": names.get(one.assignee_id or 0, ""),
    }


def _chosen(request: Request, one: PrivacyRequest, names: dict[int, str]) -> dict[str, Any]:
    is_erasing = one.kind == PrivacyRequest.Kind.ERASE and one.is_open
    kinds = [*house.personal_data] if is_erasing else []
    ids = relatives_of([one.contact_id]) if one.contact_id and is_erasing else []
    names_of_kinds = {kind.order: kind.name for kind in house.personal_data}
    return {
        **_row(request, one, clock_of(one) if one.is_open else None, names),
        "steps": [
            {
                "at": parse_datetime(step["at"]),
                "what": STEPS.get(step["what"], step["what"]),
                "note": step["note"],
                "by": names.get(step["by"] or 0, ""),
            }
            for step in one.steps
        ],
        "goes": [(kind.name, _some(kind.gather(ids)), kind.stays) for kind in kinds] if ids else [],
        "check_form": CheckForm(initial={"how": PrivacyRequest.Identity.FROM_ADDRESS}),
        "why_form": ReasonForm(),
        "needs_second": is_erasing and needs_second(),
        "is_first": one.agreed_by_id == request.user.pk,
        "first": names.get(one.agreed_by_id or 0, ""),
        "packed": [(names_of_kinds.get(order, ""), count) for order, count in one.package_counts],
        "is_packed": one.kind in {PrivacyRequest.Kind.ACCESS, PrivacyRequest.Kind.MOVE},
        "has_package": package_path(one) is not None,
    }


def _some(entries: Iterable[Any]) -> tuple[int, bool]:
    """How many there are, counted up to 1,000, and whether there are more: a page does not read a whole life."""
    count = sum(1 for _one in islice(entries, MOST_COUNTED + 1))
    return min(count, MOST_COUNTED), count > MOST_COUNTED


def _names(requests: list[PrivacyRequest]) -> dict[int, str]:
    ids = {one.assignee_id or 0 for one in requests} | {one.agreed_by_id or 0 for one in requests}
    ids |= {step["by"] or 0 for one in requests for step in one.steps}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))


def _noon(request: Request, day: Any) -> datetime | None:
    return datetime.combine(day, time(12), ZoneInfo(request.workspace.zone)) if day else None


def _address(found: PrivacyRequest) -> str:
    return f"{reverse('privacy:desk')}?request={found.pk}"
