"""On the page of a person: who looks after them, and the workspace's own fields."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.custom_fields.entering import BadValuesError, enter_values
from contacts.custom_fields.forms import ValuesForm
from contacts.models import Contact
from contacts.owning import NoMemberError, set_owner
from contacts.panels import custom_fields_panel, owner_panel
from lib.asked import whole_number
from lib.written_meanwhile import held
from workspaces.permissions import needs
from workspaces.requests import Request


@needs("contacts.edit")
@require_POST
def owner(request: Request, pk: int) -> HttpResponse:
    """A member looks after this person from now on, or nobody."""
    contact = get_object_or_404(Contact, pk=pk)
    said = request.POST.get("owner", "")
    chosen = whole_number(said)
    try:
        if said and chosen is None:
            raise NoMemberError
        set_owner(contact, chosen, by=request.user)
    except NoMemberError as error:
        messages.error(request, _("Nothing was changed: %(why)s") % {"why": error})
        return redirect("contacts:contact", pk)
    if not request.htmx:
        return redirect("contacts:contact", pk)
    return render(request, "contacts/panels/owner.html", {"panel": owner_panel(request, contact)})


@needs("contacts.edit")
@require_POST
def values(request: Request, pk: int) -> HttpResponse:
    """The declared fields of this person."""
    contact = get_object_or_404(held(Contact.objects.all(), request), pk=pk)
    form = ValuesForm(request.POST, contact=contact)
    if form.is_valid():
        try:
            enter_values(contact, form.said, by=request.user)
        except BadValuesError as error:
            form.add_error(None, str(error))
    panel = custom_fields_panel(request, contact) or {"contact": contact}
    if form.errors:
        panel["form"] = form
    if not request.htmx and not form.errors:
        return redirect("contacts:contact", pk)
    template = "contacts/custom_fields/panel.html" if request.htmx else "contacts/custom_fields/values.html"
    context = {"panel": panel, "contact": contact}
    return render(request, template, context, status=422 if form.errors else 200)
