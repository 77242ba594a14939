"""Where a provider that takes emails by its API tells what became of them: set up on the page of its sender."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from delivery.models import Sender
from delivery.presets import APIS
from delivery.returns.hooks import remove_webhook, set_up_webhook, webhook_of
from delivery.telling import TellingForm
from delivery.views.senders import show_sender
from workspaces.permissions import needs
from workspaces.requests import Request


@needs("workspace.settings")
@require_POST
def set_up(request: Request, pk: int) -> HttpResponse:
    """Make the address, or change what proves its calls."""
    sender = get_object_or_404(Sender, pk=pk, kind__in=APIS)
    form = TellingForm(request.POST, sender=sender)
    if not form.is_valid():
        return show_sender(request, sender, telling=form, status=422)
    set_up_webhook(sender, sender.kind, form.cleaned_data["secret"], by=request.user)
    messages.success(request, _("Saved. Enter the address at the provider, and what it tells comes in here."))
    return redirect("delivery:sender", pk)


@needs("workspace.settings")
@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    """Nothing that is sent to the address is heard any more."""
    webhook = webhook_of(get_object_or_404(Sender, pk=pk, kind__in=APIS))
    if webhook is not None:
        remove_webhook(webhook, by=request.user)
        messages.success(request, _("The address is gone. Nothing that is sent there is heard any more."))
    return redirect("delivery:sender", pk)
