"""Small changes on the page of one person: roles, tags."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.editing import add_role, add_tag, end_role, remove_tag
from contacts.forms import RoleForm, TagForm
from contacts.models import AudienceRole, Contact
from contacts.panels import fields_panel
from contacts.showing import shown
from workspaces.permissions import needs
from workspaces.requests import Request


@needs("contacts.edit")
@require_POST
def roles(request: Request, pk: int) -> HttpResponse:
    """A role begins."""
    contact, form = get_object_or_404(Contact, pk=pk), RoleForm(request.POST)
    if form.is_valid():
        add_role(contact, form.cleaned_data["role"], by=request.user)
        form = RoleForm()
    return _head(request, contact, form)


@needs("contacts.edit")
@require_POST
def role_end(request: Request, pk: int, role: int) -> HttpResponse:
    """A role ends."""
    contact = get_object_or_404(Contact, pk=pk)
    end_role(contact, role, by=request.user)
    return _head(request, contact, RoleForm())


@needs("contacts.edit")
@require_POST
def tags(request: Request, pk: int) -> HttpResponse:
    """A tag is added."""
    contact, form = get_object_or_404(Contact, pk=pk), TagForm(request.POST)
    if form.is_valid():
        add_tag(contact, form.cleaned_data["name"], by=request.user)
    return _fields(request, contact, form)


@needs("contacts.edit")
@require_POST
def tag_remove(request: Request, pk: int, tag: int) -> HttpResponse:
    """A tag is removed."""
    contact = get_object_or_404(Contact, pk=pk)
    remove_tag(contact, tag, by=request.user)
    return _fields(request, contact, None)


def _head(request: Request, contact: Contact, form: RoleForm) -> HttpResponse:
    status = 422 if form.errors else 200
    if not request.htmx:
        return _back(request, contact, form)
    context = {
        "contact": contact, "person": shown(request, contact), "may_edit": True, "role_form": form,
        "roles": AudienceRole.objects.filter(contact=contact, until=None).order_by("role"),
    }  # fmt: skip
    return render(request, "contacts/roles.html", context, status=status)


def _fields(request: Request, contact: Contact, form: TagForm | None) -> HttpResponse:
    if not request.htmx:
        return _back(request, contact, form)
    panel = fields_panel(request, contact)
    if form is not None and form.errors:
        panel["form"] = form
    status = 422 if form is not None and form.errors else 200
    return render(request, "contacts/panels/fields.html", {"panel": panel}, status=status)


def _back(request: Request, contact: Contact, form: RoleForm | TagForm | None) -> HttpResponse:
    if form is not None and form.errors:
        messages.error(request, _("Nothing was changed: something is missing."))
    return redirect("contacts:contact", contact.pk)
