"""When a campaign goes out by itself: the page that says so, and its steps."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.composing import hold_draft
from campaigns.experiments.setting_up import experiment_of
from campaigns.models import Campaign
from campaigns.standing.forms import StandingForm
from campaigns.standing.starting import end, make_single, make_standing, standing_of, start
from campaigns.standing.versions import write_version
from campaigns.views.setup import RELATED
from delivery.engine.controlling import WrongStateError
from delivery.models import Message
from workspaces.permissions import may, needs

OPEN = {Message.State.DRAFT, Message.State.APPROVED, Message.State.SENDING, Message.State.PAUSED}


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def when(request: HttpRequest, pk: int) -> HttpResponse:
    """By what somebody gets it. Of one that runs: for whoever enters from now on."""
    if request.method == "POST":
        hold_draft(pk)
    campaign = _found(pk)
    standing = standing_of(campaign)
    if campaign.message.state not in OPEN or (campaign.message.planned_at and standing is None):
        messages.error(request, _("It has gone out, or is on its way: it goes out once."))
        return redirect("campaigns:page", pk)
    if experiment_of(campaign) is not None:
        messages.error(request, _("Its versions are tested: that takes many people at once. Remove the test first."))
        return redirect("campaigns:page", pk)
    may_run = may(request.membership.role, "campaigns.launch")  # type: ignore[attr-defined]
    if (campaign.message.state != Message.State.DRAFT or (standing and standing.is_running)) and not may_run:
        messages.error(request, _("It was approved as it is. Whoever may approve it may change when it goes out."))
        return redirect("campaigns:page", pk)
    data = request.POST if request.method == "POST" else None
    form = StandingForm(data, standing=standing, has_segment=campaign.segment_id is not None)
    if data is not None and form.is_valid():
        make_standing(campaign, by=request.user, **form.facts())  # type: ignore[arg-type]
        messages.success(request, _("Saved."))
        return redirect("campaigns:page", pk)
    context = {"campaign": campaign, "standing": standing, "form": form}
    return render(request, "campaigns/standing/when.html", context, status=422 if data is not None else 200)


@needs("campaigns.edit")
@require_POST
def once(request: HttpRequest, pk: int) -> HttpResponse:
    """It goes out once after all; a draft alone, for what goes out once is looked at otherwise before it is approved."""
    return _step(request, pk, make_single, _("It goes out once."))


@needs("campaigns.launch")
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """From now on people get it."""
    return _step(request, pk, start, _("It runs. Whoever it is for gets it from now on."))


@needs("campaigns.launch")
@require_POST
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody gets it any more."""
    return _step(request, pk, end, _("Ended. Nobody gets it any more."))


@needs("campaigns.edit")
@require_POST
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft of a new version, which takes the place of this one once it is started."""
    campaign = _found(pk)
    standing = standing_of(campaign)
    if standing is None or not standing.is_running or standing.campaign_id != campaign.pk:
        messages.error(request, _("It does not run."))
        return redirect("campaigns:page", pk)
    return redirect("campaigns:page", write_version(standing, by=request.user).pk)  # type: ignore[arg-type]


def _step(request: HttpRequest, pk: int, verb: object, said: str) -> HttpResponse:
    try:
        verb(_found(pk), by=request.user)  # type: ignore[operator]
    except WrongStateError as error:
        messages.error(request, _("This does not fit any more: the campaign is “%(state)s”.") % {"state": error})
    else:
        messages.success(request, said)
    return redirect("campaigns:page", pk)


def _found(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related(*RELATED), pk=pk)
