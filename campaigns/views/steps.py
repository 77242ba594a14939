"""The steps of a campaign's life as POSTs: approve, take back, send, pause, resume, cancel, test."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.checking.looking import check_campaign
from campaigns.experiments.going_together import schedule_all, together
from campaigns.forms import ScheduleForm
from campaigns.keeping_in_library import forget_unsent
from campaigns.missing import moment_of
from campaigns.models import Campaign
from campaigns.reviewing import approve_campaign
from campaigns.sampling import sample_person
from campaigns.standing.starting import go_on, stop
from campaigns.views.setup import RELATED, show_setup
from delivery.engine import controlling
from delivery.models import Content, Message
from delivery.test_sends import ask_trial
from lib.asked import whole_number
from workspaces.models import User
from workspaces.permissions import needs


def _campaign(pk: int) -> Campaign:
    """It; for a version of a test the campaign that the version belongs to: a step holds for all of them."""
    found = get_object_or_404(Campaign.objects.select_related(*RELATED), pk=pk)
    return _campaign(found.variant_of_id) if found.variant_of_id else found


def _for_all(pk: int, verb: Callable[..., Message]) -> Callable[..., Message]:
    return lambda _message, **by: together(_campaign(pk), verb, **by)


def _take_back(campaign: Campaign, *, by: User) -> Message:
    message = together(campaign, controlling.take_back, by=by)
    forget_unsent(campaign, by=by)
    return message


def _step(request: HttpRequest, pk: int, verb: Callable[..., Message], said: str) -> HttpResponse:
    try:
        verb(_campaign(pk).message, by=request.user)
    except controlling.WrongStateError as error:
        messages.error(request, _("This does not fit any more: the campaign is “%(state)s”.") % {"state": error})
    else:
        messages.success(request, said)
    return redirect("campaigns:page", pk)


@needs("campaigns.launch")
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The email is as it shall be; refused (422) while something is missing."""
    campaign = _campaign(pk)
    check = check_campaign(campaign, request.workspace, at=moment_of(campaign))  # type: ignore[attr-defined]
    if campaign.message.state == Message.State.DRAFT and not check.is_ready:
        return show_setup(request, campaign, status=422)

    seen = whole_number(request.POST.get("version", ""))
    if seen and seen != Content.objects.values_list("version", flat=True).get(pk=campaign.message.content_id):
        messages.error(request, _("It was changed meanwhile. Look at it again, then approve it."))
        return redirect("campaigns:page", pk)

    def verb(_message: Message, *, by: User) -> Message:
        return approve_campaign(campaign, check, by=by, words=request.POST.get("words", "").strip())

    return _step(request, pk, verb, _("Approved. Send it now, or choose a moment."))


@needs("campaigns.launch")
@require_POST
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Now, or at a moment."""
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        return show_setup(request, _campaign(pk), form=form, status=422)
    at, timing = form.cleaned_data["at"], form.timing()

    def verb(_message: Message, *, by: User) -> Message:
        return schedule_all(_campaign(pk), at, by=by, **timing)

    said = _("It is planned.") if at else _("It goes out now. You can leave this page.")
    return _step(request, pk, verb, f"{said} {form.note()}".strip())


@needs("campaigns.launch")
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Back to a draft."""
    return _step(request, pk, lambda _message, **by: _take_back(_campaign(pk), **by), _("A draft again."))


@needs("campaigns.launch")
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop within a second."""
    return _step(request, pk, _for_all(pk, controlling.pause), _("Paused. What was sent stays sent."))


@needs("campaigns.launch")
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on."""
    return _step(request, pk, lambda _message, **by: go_on(_campaign(pk), **by), _("It goes on."))


@needs("campaigns.launch")
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """The rest does not go out."""
    return _step(
        request, pk, lambda _message, **by: stop(_campaign(pk), **by), _("Cancelled. The rest does not go out.")
    )


@needs("campaigns.edit")
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail it to oneself; a worker does it, and the campaign's page shows how it went."""
    campaign = get_object_or_404(Campaign.objects.select_related(*RELATED), pk=pk)
    message = campaign.message
    if message.sender is None:
        messages.error(request, _("There is no sender yet."))
    else:
        ask_trial(message.sender, by=request.user, message=message, person=sample_person(campaign))  # type: ignore[arg-type]
        messages.success(request, _("Your test is on its way. How it went stands here within seconds."))
    return redirect("campaigns:page", pk)
