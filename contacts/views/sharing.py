"""An address of a person that others use too, or theirs alone again."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from contacts.models import Contact
from contacts.sharing import CannotShareError, keep_alone, mark_shared
from workspaces.permissions import needs
from workspaces.requests import Request


@needs("contacts.edit")
@require_POST
def share(request: Request, pk: int, identity: int) -> HttpResponse:
    """More people than this one use the address."""
    contact = get_object_or_404(Contact, pk=pk)
    try:
        row = mark_shared(contact, identity, by=request.user)
    except CannotShareError:
        raise Http404 from None
    if row is None:
        raise Http404
    messages.success(request, _("Shared: it no longer tells people apart. You can give it to others on their pages."))
    return redirect("contacts:contact", pk)


@needs("contacts.edit")
@require_POST
def alone(request: Request, pk: int, identity: int) -> HttpResponse:
    """The address is theirs alone; others have it no longer."""
    others = keep_alone(get_object_or_404(Contact, pk=pk), identity, by=request.user)
    if others is None:
        raise Http404
    said = ngettext(
        "Theirs alone. %(n)s other contact has it no longer.",
        "Theirs alone. %(n)s other contacts have it no longer.",
        len(others),
    )
    messages.success(request, said % {"n": len(others)} if others else _("Theirs alone again."))
    return redirect("contacts:contact", pk)
