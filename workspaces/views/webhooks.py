"""Settings of webhooks: which there are, one with its tries, switched on and off, one event once more."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lib.pages import read_cursor, write_cursor
from lib.rooms import house
from workspaces.forms import WebhookForm
from workspaces.languages import team_language
from workspaces.models import WebhookDelivery, WebhookEndpoint
from workspaces.permissions import needs
from workspaces.requests import Request
from workspaces.webhooks.connecting import (
    add_webhook,
    disable_webhook,
    enable_webhook,
    remove_webhook,
    send_again,
)
from workspaces.webhooks.delivering import body_of

SHOWN = 50


@needs("workspace.keys")
def webhooks(request: Request) -> HttpResponse:
    """Every webhook, how it does, and a further one; its secret is shown once, right after it was made."""
    form = WebhookForm(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        _made, secret = add_webhook(said["name"], said["url"], said["types"], by=request.user)
        form = WebhookForm()
    context = {"form": form, "secret": secret, "webhooks": WebhookEndpoint.objects.all()}
    return render(request, "workspaces/webhooks.html", context, status=422 if form.errors else 200)


@needs("workspace.keys")
@require_safe
def webhook(request: Request, pk: int) -> HttpResponse:
    """One webhook: what it is sent, what came of each event, newest first."""
    found = get_object_or_404(WebhookEndpoint, pk=pk)
    rows = WebhookDelivery.objects.filter(endpoint=found).select_related("event").order_by("-pk")
    if key := read_cursor(request.GET.get("after", ""), int):
        rows = rows.filter(pk__lt=key[0])
    shown = list(rows[: SHOWN + 1])
    context = {
        "webhook": found,
        "types": [says for name, says in house.event_types.items() if name in found.types],
        "rows": [(row, house.event_types.get(row.event.type, row.event.type)) for row in shown[:SHOWN]],
        "cursor": write_cursor(shown[SHOWN - 1].pk) if len(shown) > SHOWN else "",
        "example": body_of(shown[0]).decode()[:1_000] if shown else "",
    }
    return render(request, "workspaces/webhook.html", context)


@require_POST
@needs("workspace.keys")
def enable(request: Request, pk: int) -> HttpResponse:
    """Send it events again, those that it missed first."""
    enable_webhook(get_object_or_404(WebhookEndpoint, pk=pk), by=request.user)
    messages.success(request, _("It is sent events again, those that it missed first."))
    return redirect("workspaces:webhook", pk)


@require_POST
@needs("workspace.keys")
def disable(request: Request, pk: int) -> HttpResponse:
    """Send it nothing until somebody switches it on again."""
    found = get_object_or_404(WebhookEndpoint, pk=pk)
    with team_language():
        disable_webhook(found, _("Switched off by hand."), by=request.user)
    messages.success(request, _("It is sent nothing until you switch it on again."))
    return redirect("workspaces:webhook", pk)


@require_POST
@needs("workspace.keys")
def remove(request: Request, pk: int) -> HttpResponse:
    """Take a webhook away."""
    remove_webhook(get_object_or_404(WebhookEndpoint, pk=pk), by=request.user)
    messages.success(request, _("The webhook is gone."))
    return redirect("workspaces:webhooks")


@require_POST
@needs("workspace.keys")
def again(request: Request, pk: int) -> HttpResponse:
    """One event once more."""
    delivery = get_object_or_404(WebhookDelivery.objects.select_related("endpoint"), pk=pk)
    send_again(delivery, by=request.user)
    messages.success(request, _("The event is on its way again."))
    return redirect("workspaces:webhook", delivery.endpoint_id)
