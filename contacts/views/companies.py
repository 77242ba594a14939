"""Companies: the list, one with its people, two joined; and who is where, on the page of a person."""

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from contacts.companies.forms import CompanyForm, PlaceForm, PositionForm
from contacts.companies.keeping import (
    BadCompanyError,
    create_company,
    edit_company,
    find_company,
    merge_companies,
    named_company,
    remove_company,
)
from contacts.companies.knowing import MOST_PEOPLE, count_companies, list_companies, people_of
from contacts.companies.positions import add_position, edit_position, end_position, put_first, remove_position
from contacts.long_changes.beginning import COMPANY
from contacts.long_changes.showing import shown_changes
from contacts.merging import everyone_in
from contacts.models import Company, Contact, Position
from contacts.panels import companies_panel, position_said
from contacts.showing import sees_names, shown_row
from lib.written_meanwhile import held
from workspaces.panels import panels_at
from workspaces.permissions import check_may, may, needs
from workspaces.requests import Request

LONGEST_WORDS = 200


@needs("contacts.see")
def companies(request: Request) -> HttpResponse:
    """Companies by name with how many people are there; words narrow them down; a form for a new one."""
    form = CompanyForm(request.POST or None)
    if request.method == "POST":
        check_may(request, "contacts.edit")
        if form.is_valid():
            try:
                made = create_company(**form.cleaned_data, by=request.user)
            except BadCompanyError as error:
                form.add_error(error.field, str(error))
            else:
                return redirect("contacts:company", made.pk)
    text = request.GET.get("q", "").strip()[:LONGEST_WORDS]
    page = list_companies(text, cursor=request.GET.get("after", ""))
    context = {
        "form": form,
        "text": text,
        "rows": page.rows,
        "cursor": page.cursor,
        "total": count_companies(),
        "may_edit": may(request.membership.role, "contacts.edit"),
    }
    part = "contacts/companies.html#rows" if request.htmx and request.GET.get("after") else "contacts/companies.html"
    return render(request, part, context, status=422 if form.errors else 200)


@needs("contacts.see")
@require_safe
def company(request: Request, pk: int) -> HttpResponse:
    """One company: who is there and who was, what happened with them. One that was merged leads to who stands for it."""
    found = get_object_or_404(Company, pk=pk)
    if found.merged_into_id:
        return redirect("contacts:company", found.merged_into_id)
    return _company_page(request, found)


@needs("contacts.edit")
@require_POST
def edit(request: Request, pk: int) -> HttpResponse:
    """Its name, domains and country."""
    found = get_object_or_404(held(Company.objects.all(), request), pk=pk, merged_into=None)
    form = CompanyForm(request.POST, initial=_said_of(found))
    if form.is_valid():
        try:
            edit_company(found, **form.cleaned_data, by=request.user)
        except BadCompanyError as error:
            form.add_error(error.field, str(error))
            found.refresh_from_db()
            return _company_page(request, found, form=form, twin=error.twin)
        messages.success(request, _("Saved."))
        return redirect("contacts:company", pk)
    return _company_page(request, found, form=form)


@needs("contacts.edit")
@require_POST
def merge(request: Request, pk: int) -> HttpResponse:
    """Another company is this one: `other` names it."""
    found = get_object_or_404(Company, pk=pk, merged_into=None)
    name = request.POST.get("other", "").strip()
    other = find_company(name)
    if other is None:
        messages.error(
            request, _("There is no company “%(name)s”. Nothing was changed.") % {"name": name[:LONGEST_WORDS]}
        )
        return redirect("contacts:company", pk)
    try:
        moved = merge_companies(found, other, by=request.user)
    except BadCompanyError as error:
        messages.error(request, str(error))
    else:
        said = ngettext("One company now: %(n)s person moved here.", "One company now: %(n)s people moved here.", moved)
        messages.success(request, said % {"n": moved})
    return redirect("contacts:company", pk)


@needs("contacts.edit")
@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    """A company where nobody is or was goes."""
    try:
        remove_company(get_object_or_404(Company, pk=pk, merged_into=None), by=request.user)
    except BadCompanyError as error:
        messages.error(request, str(error))
        return redirect("contacts:company", pk)
    messages.success(request, _("The company is gone."))
    return redirect("contacts:companies")


@needs("contacts.edit")
@require_POST
def add_place(request: Request, pk: int) -> HttpResponse:
    """The person is at a company, which is made where there is none of that name."""
    contact, form = get_object_or_404(Contact, pk=pk), PlaceForm(request.POST, auto_id="place-%s")
    if form.is_valid():
        said = form.cleaned_data
        try:
            with transaction.atomic():  # no company is made for nobody
                found = named_company(said["company"], by=request.user)
                add_position(contact, found, role_there=said["role_there"], since=said["since"], by=request.user)
        except BadCompanyError as error:
            form.add_error(error.field if error.field in form.fields else "company", str(error))
    return _panel(request, contact, form)


@needs("contacts.edit")
@require_POST
def act_on_place(request: Request, pk: int, position: int, what: str) -> HttpResponse:
    """What they do there is changed, ends, comes first, or never was."""
    contact = get_object_or_404(Contact, pk=pk)
    rows = held(Position.objects.select_related("contact"), request)
    row = get_object_or_404(rows, pk=position, contact__in=everyone_in(pk))
    try:
        if what == "edit":
            form = PositionForm(request.POST, initial=position_said(row))
            if not form.is_valid():
                raise BadCompanyError(" ".join(str(error) for errors in form.errors.values() for error in errors))
            edit_position(row, **form.cleaned_data, by=request.user)
        elif what == "end":
            end_position(row, by=request.user)
        elif what == "first":
            put_first(row, by=request.user)
        elif what == "remove":
            remove_position(row, by=request.user)
        else:
            raise Http404
    except BadCompanyError as error:
        messages.error(request, _("Nothing was changed: %(why)s") % {"why": error})
        return redirect("contacts:contact", pk)
    return _panel(request, contact, None)


def _company_page(
    request: Request, found: Company, *, form: CompanyForm | None = None, twin: Company | None = None
) -> HttpResponse:
    people = people_of(found, most=MOST_PEOPLE + 1)
    domains = _domains_of(found)
    rows = [
        (shown_row(request, {"id": one.id, "name": one.name, "email": one.email}), one) for one in people[:MOST_PEOPLE]
    ]
    context: dict[str, Any] = {
        "company": found,
        "going": {"changes": shown_changes(COMPANY, company=found.pk)},
        "domains": domains,
        "list_url": f"{reverse('people:list')}?{urlencode({'f': json.dumps({'company': {'in': [found.pk]}})})}",
        "now_there": [row for row in rows if row[1].until is None],
        "once_there": [row for row in rows if row[1].until is not None],
        "is_more": len(people) > MOST_PEOPLE,
        "form": form or CompanyForm(initial=_said_of(found)),
        "twin": twin,
        "sees_names": sees_names(request),
        "may_edit": may(request.membership.role, "contacts.edit"),
        "middle_panels": panels_at("company.middle", request, [one.id for one in people[:MOST_PEOPLE]]),
    }
    return render(request, "contacts/company.html", context, status=422 if form and form.errors else 200)


def _domains_of(company: Company) -> list[str]:
    return list(company.domains.order_by("domain").values_list("domain", flat=True))


def _said_of(company: Company) -> dict[str, str]:
    return {"name": company.name, "domains": ", ".join(_domains_of(company)), "country": company.country}


def _panel(request: Request, contact: Contact, form: PlaceForm | None) -> HttpResponse:
    errors = form.errors if form else {}
    if not request.htmx:
        if errors:
            why = " ".join(str(error) for some in errors.values() for error in some)
            messages.error(request, _("Nothing was changed: %(why)s") % {"why": why})
        return redirect("contacts:contact", contact.pk)
    panel = companies_panel(request, contact) or {}
    if errors:
        panel["form"] = form
    status = 422 if errors else 200
    return render(request, "contacts/companies/panel.html", {"panel": panel}, status=status)
