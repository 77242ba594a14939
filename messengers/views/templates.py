"""The templates of a WhatsApp sender."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from delivery.models import Sender
from messengers.whatsapp.messenger import KIND
from messengers.whatsapp.templates import ask_templates
from workspaces.permissions import needs
from workspaces.requests import Request


@needs("workspace.settings")
@require_POST
def refresh(request: Request, pk: int) -> HttpResponse:
    """Have them read; a worker asks WhatsApp, and the sender's page shows what it said."""
    ask_templates(get_object_or_404(Sender, pk=pk, kind=KIND))
    messages.success(request, _("WhatsApp is being asked. The list is new within seconds: load the page again."))
    return redirect("delivery:sender", pk)
