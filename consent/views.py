"""The gate answers on the contact page."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from consent.panels import may_write_panel
from contacts.models import Contact
from contacts.views.people import contact
from workspaces.permissions import needs
from workspaces.requests import Request


@needs("contacts.see")
@require_safe
def may_write(request: Request, pk: int) -> HttpResponse:
    """The gate's answer for another kind of message: the panel alone."""
    found = get_object_or_404(Contact, pk=pk)
    panel = may_write_panel(request, found)
    if not request.htmx:
        return contact(request, pk)
    return render(request, "consent/panels/may_write.html", {"panel": panel})
