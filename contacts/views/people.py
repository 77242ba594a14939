"""The list of people and the page of one."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.editing import AddressTakenError, create_contact, edit_contact, phone_of
from contacts.forms import ContactForm, LookUpForm, RoleForm
from contacts.listing import COUNT_UP_TO, columns, count_people, list_people, orders
from contacts.looking_up import look_up_exactly
from contacts.merging import survivor_of
from contacts.models import Audience, AudienceRole, Contact, Identity
from contacts.panels import may_write_panel
from contacts.showing import reveal, sees_names, shown, shown_row
from workspaces.auditing import audit
from workspaces.panels import panels_at
from workspaces.permissions import may, needs
from workspaces.requests import Request


@needs("contacts.see")
@require_safe
def people(request: Request) -> HttpResponse:
    """Everybody: search, filter by role, sort; the next page by cursor."""
    identifies = sees_names(request)
    role = request.GET.get("role", "")
    asked: dict[str, Any] = {
        "text": request.GET.get("q", "").strip()[:200] if identifies else "",
        "role": int(role) if role.isdigit() and int(role) in Audience.values else None,
    }
    sort = request.GET.get("sort", "newest")
    page = list_people(**asked, sort=sort, cursor=request.GET.get("after", ""))
    context: dict[str, Any] = {
        "rows": [{**row, "person": shown_row(request, row), "role_names": _role_names(row)} for row in page.rows],
        "cursor": page.cursor,
        "columns": columns(),
        **asked,
        "sort": sort,
    }
    if request.htmx and request.GET.get("after"):
        return render(request, "contacts/list.html#rows", context)
    total = count_people(**asked)
    context |= {
        "total": min(total, COUNT_UP_TO),
        "is_more": total > COUNT_UP_TO,
        "orders": [one for one in orders() if identifies or one.name != "name"],
        "roles": Audience.choices,
        "sees_names": identifies,
        "is_filtered": bool(asked["text"] or asked["role"]),
        "may_edit": may(request.membership.role, "contacts.edit"),
        "may_import": may(request.membership.role, "contacts.import"),
    }
    return render(request, "contacts/list.html#people" if request.htmx else "contacts/list.html", context)


@needs("contacts.see")
@require_safe
def contact(request: Request, pk: int) -> HttpResponse:
    """One person: who they are, what happened, what they agreed to. A merged contact leads to who stands for it."""
    if (survivor := survivor_of(pk)) != pk:
        return redirect("contacts:contact", survivor)
    found = get_object_or_404(Contact, pk=pk)
    context = _page(request, found) | {
        "head_panels": panels_at("contact.head", request, found),
        "left_panels": panels_at("contact.left", request, found),
        "middle_panels": panels_at("contact.middle", request, found),
        "right_panels": panels_at("contact.right", request, found),
    }
    return render(request, "contacts/contact.html", context)


@needs("contacts.see")
@require_safe
def may_write(request: Request, pk: int) -> HttpResponse:
    """The gate's answer for another kind of message: the panel alone."""
    found = get_object_or_404(Contact, pk=pk)
    panel = may_write_panel(request, found)
    if not request.htmx:
        return contact(request, pk)
    return render(request, "contacts/panels/may_write.html", {"panel": panel})


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
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_contact(by=request.user, **form.cleaned_data)
        except AddressTakenError as error:
            _say_taken(form, error)
        else:
            return redirect("contacts:contact", made.pk)
    return render(request, "contacts/edit.html", {"form": form}, status=422 if form.errors else 200)


@needs("contacts.edit")
def edit(request: Request, pk: int) -> HttpResponse:
    """Change what we know of somebody."""
    found = get_object_or_404(Contact, pk=pk)
    initial = {"email": found.email, "phone": phone_of(found)}
    form = ContactForm(request.POST or None, instance=Contact.objects.get(pk=pk), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            edit_contact(found, by=request.user, **form.cleaned_data)
        except AddressTakenError as error:
            _say_taken(form, error)
        else:
            return redirect("contacts:contact", pk)
    context = {"form": form, "contact": found, "person": shown(request, found)}
    return render(request, "contacts/edit.html", context, status=422 if form.errors else 200)


@needs("contacts.look_up")
@require_safe
def look_up(request: Request) -> HttpResponse:
    """One person by an exact address or number, with what happened; for colleagues at the till or on the phone."""
    form = LookUpForm(request.GET or None)
    found = None
    if form.is_bound and form.is_valid():
        found = look_up_exactly(form.cleaned_data["q"])
        if found:
            audit("contact.looked_up", by=request.user, target=found)
    context: dict[str, Any] = {"form": form, "found": found, "asked": form.is_bound}
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


def _role_names(row: dict[str, Any]) -> list[str]:
    return [str(Audience(role).label) for role in row["roles"] if role in Audience.values]


def _say_taken(form: ContactForm, error: AddressTakenError) -> None:
    field = "email" if error.kind == Identity.Kind.EMAIL else "phone"
    form.add_error(field, _("This belongs to contact %(number)s already.") % {"number": error.owner_id})
