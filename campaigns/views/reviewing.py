"""Asking for approval, sending back, taking the question back: POSTs that lead back to the campaign's page."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.models import Campaign
from campaigns.reviewing import approvers, ask_review, send_back, withdraw_review
from campaigns.views.setup import RELATED
from delivery.engine.controlling import WrongStateError
from lib.asked import whole_number
from workspaces.permissions import needs


@needs("campaigns.edit")
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody who may is asked to approve; `of` is whom, empty: whoever may."""
    asked = whole_number(request.POST.get("of", "")) or 0
    whom = next((one for one in approvers() if one.pk == asked), None)
    note = request.POST.get("note", "").strip()

    def verb(campaign: Campaign) -> None:
        ask_review(campaign, by=request.user, of=whom, note=note)  # type: ignore[arg-type]

    said = _("%(name)s is asked to approve it.") % {"name": whom} if whom else _("Whoever may approve is asked.")
    return _step(request, pk, verb, said)


@needs("campaigns.launch")
@require_POST
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """Back to whoever asked, with what is to change."""
    get_object_or_404(Campaign, pk=pk)
    words = request.POST.get("words", "").strip()
    if not words:
        messages.error(request, _("Say what is to change. Nothing was sent back."))
        return redirect("campaigns:page", pk)

    def verb(campaign: Campaign) -> None:
        send_back(campaign, by=request.user, words=words)  # type: ignore[arg-type]

    return _step(request, pk, verb, _("Sent back with your words."))


@needs("campaigns.edit")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody need approve it for now."""

    def verb(campaign: Campaign) -> None:
        withdraw_review(campaign, by=request.user)  # type: ignore[arg-type]

    return _step(request, pk, verb, _("Nobody is asked any more."))


def _step(request: HttpRequest, pk: int, verb: Callable[[Campaign], None], said: str) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.select_related(*RELATED), pk=pk)
    try:
        verb(campaign)
    except WrongStateError as error:
        messages.error(request, _("This does not fit any more: the campaign is “%(state)s”.") % {"state": error})
    else:
        messages.success(request, said)
    return redirect("campaigns:page", pk)
