"""The warm-up plan of a sender, as it is steered by hand: start, pause, go on, end."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from deliverability.forms import WarmUpForm
from deliverability.views.senders import show_setup
from deliverability.warming import begin_warm_up
from delivery.models import Sender, WarmUp
from delivery.pace import warming_up
from delivery.presets import EMAIL_KINDS
from workspaces.permissions import needs
from workspaces.requests import Request


@needs("workspace.settings")
@require_POST
def start(request: Request, pk: int) -> HttpResponse:
    """From now on it sends no more a day than the plan says."""
    sender = get_object_or_404(Sender, pk=pk, kind__in=EMAIL_KINDS)
    form = WarmUpForm(request.POST)
    if not form.is_valid():
        return show_setup(request, sender, warm_up_form=form, status=422)
    begin_warm_up(sender, most=form.cleaned_data["most"], days_a_step=form.cleaned_data["pace"], by=request.user)
    messages.success(request, _("It warms up. Campaigns planned from now on go to the most engaged first."))
    return redirect("deliverability:setup", pk)


@needs("workspace.settings")
@require_POST
def pause(request: Request, pk: int) -> HttpResponse:
    """It stays at its step."""
    return _move(request, pk, warming_up.pause_warm_up, _("It stays at its step."))


@needs("workspace.settings")
@require_POST
def go_on(request: Request, pk: int) -> HttpResponse:
    """It steps up again."""
    return _move(request, pk, warming_up.resume_warm_up, _("It goes on."))


@needs("workspace.settings")
@require_POST
def end(request: Request, pk: int) -> HttpResponse:
    """No limit any more."""
    return _move(request, pk, warming_up.end_warm_up, _("The plan has ended. What waited goes out now."))


def _move(request: Request, pk: int, verb: Callable[..., WarmUp], said: str) -> HttpResponse:
    try:
        verb(get_object_or_404(Sender, pk=pk, kind__in=EMAIL_KINDS), by=request.user)
    except warming_up.NoPlanError:
        messages.error(request, _("This does not fit any more: look at how the plan stands now."))
    else:
        messages.success(request, said)
    return redirect("deliverability:setup", pk)
