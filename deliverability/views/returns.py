"""What the provider of a sender tells us of its emails: the address it calls, and whether it does."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from deliverability.forms import WebhookForm
from deliverability.views.senders import show_setup
from delivery.models import Sender
from delivery.presets import EMAIL_KINDS
from delivery.returns.hooks import remove_webhook, set_up_webhook, webhook_of
from workspaces.permissions import needs
from workspaces.requests import Request


@needs("workspace.settings")
@require_POST
def set_up(request: Request, pk: int) -> HttpResponse:
    """Make the address, or change what proves its calls."""
    sender = get_object_or_404(Sender, pk=pk, kind__in=EMAIL_KINDS)
    form = WebhookForm(request.POST, webhook=webhook_of(sender))
    if not form.is_valid():
        return show_setup(request, sender, form=form, status=422)
    set_up_webhook(sender, form.cleaned_data["provider"], form.cleaned_data["secret"], by=request.user)
    messages.success(request, _("Saved. Enter the address at the provider, and what it tells comes in here."))
    return redirect("deliverability:setup", pk)


@needs("workspace.settings")
@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    """Nothing that is sent to the address is heard any more."""
    sender = get_object_or_404(Sender, pk=pk, kind__in=EMAIL_KINDS)
    webhook = webhook_of(sender)
    if webhook is not None:
        remove_webhook(webhook, by=request.user)
        messages.success(request, _("The address is gone. Nothing that is sent there is heard any more."))
    return redirect("deliverability:setup", pk)
