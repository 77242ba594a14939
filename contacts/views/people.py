"""The list of people and the page of one."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.composing import composer
from contacts.custom_fields.entering import enter_values
from contacts.custom_fields.forms import ValuesForm
from contacts.editing import AddressTakenError, create_contact, edit_contact, phone_of
from contacts.forms import ContactForm, LookUpForm, RoleForm
from contacts.looking_up import look_up_exactly
from contacts.merging import survivor_of
from contacts.models import AudienceRole, Contact, Identity
from contacts.panels import mentions_panel
from contacts.showing import is_revealed, reveal, shown
from lib.asked import whole_number
from lib.once import reading_once
from lib.written_meanwhile import held
from workspaces.auditing import audit
from workspaces.panels import panels_at
from workspaces.permissions import may, needs
from workspaces.requests import Request


@needs("contacts.see")
@require_safe
def contact(request: Request, pk: int) -> HttpResponse:
    """One person: who they are, what happened, what they consented to. A merged contact leads to who stands for it."""
    if (survivor := survivor_of(pk)) != pk:
        return redirect("contacts:contact", survivor)
    found = get_object_or_404(Contact, pk=pk)
    if request.htmx and not request.htmx.boosted and "compose" in request.GET:
        return render(request, "contacts/composer.html", {"composer": composer(request, found)})
    return contact_page(request, found)


def contact_page(
    request: Request, found: Contact, *, way: str = "", form: Any = None, status: int = 200
) -> HttpResponse:
    """The page of one person; with a `form` that could not be taken in the composer's `way`, and its status."""
    with reading_once():
        context = _page(request, found) | {
            "composer": composer(request, found, way=way, form=form),
            "moment_panels": panels_at("contact.moments", request, found),
            "head_panels": panels_at("contact.head", request, found),
            "left_panels": panels_at("contact.left", request, found),
            "middle_panels": panels_at("contact.middle", request, found),
            "right_panels": panels_at("contact.right", request, found),
        }
        return render(request, "contacts/contact.html", context, status=status)


@needs("contacts.reveal")
@require_POST
def reveal_name(request: Request, pk: int) -> HttpResponse:
    """Show an analyst who this is; it is written down."""
    found = get_object_or_404(Contact, pk=pk)
    reveal(request, found)
    audit("contact.revealed", by=request.user, target=found)
    return redirect("contacts:contact", pk)


@needs("contacts.edit")
def new(request: Request) -> HttpResponse:
    """Somebody new, entered by hand."""
    form, own = ContactForm(request.POST or None), ValuesForm(request.POST or None)
    if request.method == "POST" and own.is_valid() & form.is_valid():
        try:
            with transaction.atomic():
                made = create_contact(by=request.user, **form.cleaned_data)
                enter_values(made, own.said, by=request.user)
        except AddressTakenError as error:
            _say_taken(form, error)
        else:
            return redirect("contacts:contact", made.pk)
    context = {"form": form, "own": own}
    return render(request, "contacts/edit.html", context, status=422 if form.errors or own.errors else 200)


@needs("contacts.edit")
def edit(request: Request, pk: int) -> HttpResponse:
    """Change what we know of somebody."""
    found = get_object_or_404(held(Contact.objects.all(), request), pk=pk)
    initial = {"email": found.email, "phone": phone_of(found)}
    form = ContactForm(request.POST or None, contact=found, initial=initial)
    own = ValuesForm(request.POST or None, contact=found)
    if request.method == "POST" and own.is_valid() & form.is_valid():
        try:
            with transaction.atomic():
                edit_contact(found, by=request.user, **form.cleaned_data)
                enter_values(found, own.said, by=request.user)
        except AddressTakenError as error:
            _say_taken(form, error)
        else:
            return redirect("contacts:contact", pk)
    context = {"form": form, "own": own, "contact": found, "person": shown(request, found)}
    return render(request, "contacts/edit.html", context, status=422 if form.errors or own.errors else 200)


@needs("contacts.look_up")
@require_safe
def look_up(request: Request) -> HttpResponse:
    """One person by an exact address or number, with what happened; for colleagues at the till or on the phone.

    `?of=` shows again whom this member has looked up in this session. Each look is written down.
    """
    form, found = LookUpForm(request.GET if "q" in request.GET else None), None
    again = whole_number(request.GET.get("of", "")) or 0
    if again and is_revealed(request, again):
        form, found = LookUpForm(), Contact.objects.filter(pk=survivor_of(again), erased_at=None).first()
    elif form.is_bound and form.is_valid():
        found = look_up_exactly(form.cleaned_data["q"])
    if found:
        reveal(request, found)
        audit("contact.looked_up", by=request.user, target=found)
    context: dict[str, Any] = {"form": form, "found": found, "asked": form.is_bound}
    context["mentions"] = mentions_panel(request, None)
    if found:
        context |= {"roles": _roles(found), "middle_panels": panels_at("contact.middle", request, found)}
    return render(request, "contacts/look_up.html", context)


def _page(request: Request, found: Contact) -> dict[str, Any]:
    role = request.membership.role
    return {
        "contact": found,
        "person": shown(request, found),
        "roles": _roles(found),
        "role_form": RoleForm(),
        "may_edit": may(role, "contacts.edit"),
        "may_note": may(role, "contacts.note"),
        "may_reveal": may(role, "contacts.reveal"),
    }


def _roles(found: Contact) -> list[AudienceRole]:
    return list(AudienceRole.objects.filter(contact=found, until=None).order_by("role"))


def _say_taken(form: ContactForm, error: AddressTakenError) -> None:
    field = "email" if error.kind == Identity.Kind.EMAIL else "phone"
    words = _(
        "This belongs to contact %(number)s already. If both use it, press “Others use it too” on that page first."
    )
    form.add_error(field, words % {"number": error.owner_id})
