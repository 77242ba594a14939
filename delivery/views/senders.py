"""Senders: by whom messages leave."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from delivery.forms import SenderForm, form_of, settings_class
from delivery.messengers.folder import KIND as FOLDER
from delivery.models import TEXT_KIND, Message, Sender, Trial
from delivery.presets import APIS, BY_KEY, PRESETS, Preset
from delivery.returns.hooks import BY_KEY as PROVIDERS
from delivery.returns.hooks import address_of, webhook_of
from delivery.telling import TellingForm
from delivery.test_sends import ask_trial, last_trials
from delivery.text_addresses import inbound_address
from lib.rooms import house
from lib.written_meanwhile import held
from workspaces.auditing import audit
from workspaces.panels import panels_at
from workspaces.permissions import needs
from workspaces.requests import Request

USUAL = "smtp"


@needs("workspace.settings")
@require_safe
def listing(request: Request) -> HttpResponse:
    """All senders; htmx gets the table while one of them is being tried."""
    found: dict[str, Any] = dict(house.messengers)
    labels = {kind: messenger.label for kind, messenger in found.items()}
    senders = list(Sender.objects.all())
    trials = last_trials(senders)
    rows = [(one, labels.get(one.kind, one.kind), trials.get(one.pk)) for one in senders]
    is_trying = any(trial.state == Trial.State.WAITING for trial in trials.values())
    context = {"rows": rows, "kinds": _offered(labels, request), "is_trying": is_trying}
    context["panels"] = panels_at("senders.after", request, None)
    fragment = "#table" if request.htmx and not request.htmx.boosted else ""
    return render(request, f"delivery/senders.html{fragment}", context)


@needs("workspace.settings")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Another sender; `?kind=` names its messenger."""
    kind = request.GET.get("kind", USUAL)
    if kind not in house.messengers or (kind == FOLDER and not request.workspace.is_demo):
        raise Http404
    has_name = "from_name" in settings_class(kind).__struct_fields__
    settings = {"from_name": request.workspace.name} if has_name else {}
    return _edit(request, Sender(kind=kind, settings=settings))


@needs("workspace.settings")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """Change a sender."""
    rows = held(Sender.objects.filter(kind__in=list(house.messengers)), request)
    return _edit(request, get_object_or_404(rows, pk=pk))


@needs("workspace.settings")
@require_POST
def test(request: Request, pk: int) -> HttpResponse:
    """Have it send oneself a line; a worker tries, and the page of senders shows how it went."""
    ask_trial(get_object_or_404(Sender, pk=pk, kind__in=list(house.messengers)), by=request.user)
    messages.success(request, _("It is being tried. How it went stands here within seconds."))
    return redirect("delivery:senders")


@needs("workspace.settings")
@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    """A sender that no message uses may go."""
    sender = get_object_or_404(Sender, pk=pk)
    if Message.objects.filter(sender=sender).exists():
        messages.error(request, _("Campaigns use this sender. It stays."))
    else:
        audit("sender.removed", by=request.user, target=sender)
        sender.delete()
        messages.success(request, _("The sender is gone."))
    return redirect("delivery:senders")


def _offered(labels: dict[str, Any], request: Request) -> list[tuple[str, Any]]:
    """What carries a new sender; where people are real, none goes to nobody and says that it was sent."""
    return [(kind, label) for kind, label in labels.items() if kind != FOLDER or request.workspace.is_demo]


def _edit(request: Request, sender: Sender) -> HttpResponse:
    chosen = BY_KEY.get(request.GET.get("preset", "")) if sender.kind == USUAL else None
    form = form_of(sender.kind)(request.POST or None, instance=sender, initial=chosen.initial if chosen else {})
    if request.method == "POST" and form.is_valid():
        form.save()
        audit("sender.edited", by=request.user, target=sender, fields=form.changed_data)
        messages.success(request, _("Saved. Send yourself a test."))
        return redirect("delivery:senders")
    return show_sender(request, sender, form=form, chosen=chosen, status=422 if request.method == "POST" else 200)


def show_sender(
    request: Request,
    sender: Sender,
    *,
    form: SenderForm | None = None,
    chosen: Preset | None = None,
    telling: TellingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of one sender; forms that were sent come with what is wrong in them."""
    presets = PRESETS if sender.kind == USUAL else ()
    inbound = inbound_address(request.workspace.pk, sender.pk) if sender.pk and sender.kind == TEXT_KIND else ""
    context = {
        "form": form or form_of(sender.kind)(instance=sender),
        "sender": sender,
        "presets": presets,
        "chosen": chosen,
        "inbound": inbound,
        "panels": panels_at("sender.after", request, sender) if sender.pk else (),
        "telling": _telling(sender, telling) if sender.pk and sender.kind in APIS else None,
    }
    return render(request, "delivery/sender.html", context, status=status)


def _telling(sender: Sender, form: TellingForm | None) -> dict[str, Any]:
    """Where its provider tells what became of emails."""
    webhook = webhook_of(sender)
    return {
        "provider": PROVIDERS[sender.kind],
        "webhook": webhook,
        "address": address_of(webhook) if webhook else "",
        "form": form or TellingForm(sender=sender),
    }
