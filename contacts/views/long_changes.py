"""How far a change of very many people is."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from contacts.long_changes.showing import shown_change
from contacts.models import LongChange
from workspaces.permissions import needs
from workspaces.requests import Request


@needs("contacts.see")
@require_safe
def long_change(request: Request, pk: int) -> HttpResponse:
    """One line; asked again while it goes on."""
    change = shown_change(get_object_or_404(LongChange, pk=pk))
    return render(request, "contacts/long_changes/line.html", {"change": change})
