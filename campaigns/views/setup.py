"""The page of a campaign that is not sent yet: what is missing, what is settled, its pre-flight, its approval."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import missing
from campaigns.checking.findings import Check
from campaigns.checking.looking import check_campaign
from campaigns.composing import compose, hold_draft, workspace_holdout
from campaigns.experiments.setting_up import experiment_of
from campaigns.forms import ScheduleForm
from campaigns.keeping_in_library import can_be_kept
from campaigns.link_checks import found_of
from campaigns.models import Campaign, CampaignReview, Programme
from campaigns.reviewing import approvers, open_review
from campaigns.setup_forms import PARTS, NewCampaignForm, PartForm
from campaigns.views.running import standing_context
from contacts.showing import sees_names
from delivery.models import Message
from delivery.senders import carries_words, channel_of, takes_tests
from delivery.test_sends import last_trial_of
from lib.asked import whole_number
from lib.local_words import date_format
from segments.builder.wording import sentences_of
from workspaces.auditing import audit
from workspaces.models import User
from workspaces.permissions import may, needs

SENDABLE = {Message.State.APPROVED, Message.State.SCHEDULED}
ACTORS = ("asked_by_id", "asked_of_id", "answered_by_id")
RELATED = ("programme", "segment", "message__content", "message__sender", "message__topic")


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A name and a kind; everything else is asked on its page."""
    asked = {name: whole_number(request.GET.get(name, "")) for name in ("programme", "segment")}
    start: dict[str, Any] = {name: pk for name, pk in asked.items() if pk}
    programme = Programme.objects.filter(pk=start.get("programme", 0)).select_related("topic").first()
    if programme and programme.preset in {Programme.Preset.LOYALTY, Programme.Preset.LAUNCH}:
        start["purpose"] = Message.Purpose.MARKETING
    form = NewCampaignForm(request.POST or None, initial=start, user_id=request.user.pk)
    if request.method == "POST" and form.is_valid():
        kept = compose(created_by_id=request.user.pk, **form.facts())
        audit("campaign.made", by=request.user, target=kept, fields=form.changed_data)  # type: ignore[arg-type]
        return redirect("campaigns:page", kept.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "campaigns/setup/new.html", {"form": form, "programme": programme}, status=status)


@needs("campaigns.edit")
@require_POST
def change(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """One part of a draft says something else; refused (422) with the page and the part's form open."""
    if part not in PARTS:
        raise Http404
    hold_draft(pk)
    campaign = get_object_or_404(Campaign.objects.select_related(*RELATED), pk=pk)
    if campaign.variant_of_id:  # it follows the first version in all but what is tested
        messages.error(request, _("Nothing was changed: a version follows version A in all but what is tested."))
        return redirect("campaigns:versions", campaign.variant_of_id)
    if campaign.message.state != Message.State.DRAFT:
        messages.error(request, _("This email is approved. Take it back to change it."))
        return redirect("campaigns:page", pk)
    form = PARTS[part](campaign, request.POST, user_id=request.user.pk)
    if not form.is_valid():
        return show_setup(request, campaign, wrong=form, status=422)
    compose(campaign, **form.cleaned_data)
    audit("campaign.edited", by=request.user, target=campaign, fields=form.changed_data)  # type: ignore[arg-type]
    return redirect("campaigns:page", pk)


def show_setup(
    request: HttpRequest,
    campaign: Campaign,
    *,
    wrong: PartForm | None = None,
    form: ScheduleForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page itself, for a version its test's; `wrong` is a part that could not be taken, `form` a moment that could not."""
    if campaign.variant_of_id:
        return redirect("campaigns:versions", campaign.variant_of_id)
    at = missing.moment_of(campaign)
    check = check_campaign(campaign, request.workspace, at=at)  # type: ignore[attr-defined]
    context = _facts(request, campaign) | _forms(request, campaign, check, wrong)
    context |= _questions(campaign, check, context["forms"])
    context |= {
        "check": check,
        "at": at,
        "form": form or ScheduleForm(initial={"at": at}),
        "plan": missing.plan_of(check),
    }
    context |= _approval(request, campaign)
    return render(request, "campaigns/setup/page.html", context, status=status)


def _facts(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    message, role = campaign.message, request.membership.role  # type: ignore[attr-defined]
    is_draft = message.state == Message.State.DRAFT
    sentence = ""
    if campaign.segment:
        said = sentences_of([campaign.segment], sees_names=sees_names(request))  # type: ignore[arg-type]
        sentence = said[campaign.segment.pk]
    return {
        "campaign": campaign,
        "is_draft": is_draft,
        "can_edit": may(role, "campaigns.edit"),
        "can_change": is_draft and may(role, "campaigns.edit"),
        "can_launch": may(role, "campaigns.launch"),
        "can_identify": may(role, "contacts.identify"),
        "may_set_up": may(role, "workspace.settings"),
        "may_build": may(role, "segments.own"),
        "trial": last_trial_of(message),
        "has_words": carries_words(message.sender),
        "can_keep": can_be_kept(campaign),
        "takes_tests": takes_tests(message.sender),
        "can_send": message.state in SENDABLE and may(role, "campaigns.launch"),
        "sentence": sentence,
        "intended": _moment_in_words(campaign),
        "about": f"{message.purpose}-{message.topic_id or ''}",  # the question of a dry run about its people
        "channel": str(int(channel_of(message.sender))),
        "writing_page": missing.writing_page(campaign),
        "checked": found_of(campaign),
        "experiment": experiment_of(campaign),
        **standing_context(campaign),
    }


def _moment_in_words(campaign: Campaign) -> str:
    at = localtime(campaign.intended_at) if campaign.intended_at else None
    return f"{date_format(at, 'l, j F')}, {date_format(at, 'H:i')}" if at else ""


def _questions(campaign: Campaign, check: Check, forms: dict[str, PartForm]) -> dict[str, Any]:
    asked = [(one, forms.get(one.part)) for one in missing.questions_of(check)]
    faults = missing.faults_of(check)
    most = max((one["count"] for one in check.reasons), default=0)
    not_sent = sum(one["count"] for one in check.reasons)
    return {
        "questions": asked,
        "asked": {one.part for one, _form in asked},
        "faults": faults,
        "lacks": len(asked) + len(faults),
        "most": most,
        "not_sent": not_sent,
        "changes": missing.changes_since(campaign, check),
    }


def _forms(request: HttpRequest, campaign: Campaign, check: Check, wrong: PartForm | None) -> dict[str, Any]:
    forms = {part: kind(campaign, user_id=request.user.pk) for part, kind in PARTS.items()}
    if wrong is not None:
        forms[wrong.part] = wrong
    percents = [int(value) for value, _label in forms["holdout"].fields["holdout_percent"].choices]  # type: ignore[attr-defined]
    is_offer = campaign.message.purpose == Message.Purpose.MARKETING
    everywhere = workspace_holdout() if is_offer else 0
    return {"forms": forms, "workspace_holdout": everywhere, "holdouts": missing.holdout_choices(check, percents)}


def _approval(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """Who asked whom, what was answered, and who may."""
    is_draft = campaign.message.state == Message.State.DRAFT
    review, last = (open_review(campaign) if is_draft else None), campaign.reviews.first()
    ids = {campaign.message.approved_by_id}
    ids |= {getattr(one, name) for one in (review, last) if one for name in ACTORS}
    names = {one.pk: str(one) for one in User.objects.filter(pk__in=[pk for pk in ids if pk])}
    others = approvers(besides=request.user.pk)
    return {
        "review": _shown(review, names),
        "last": None if review else _shown(last, names),
        "approvers": others,
        "may_ask": not review and is_draft and may(request.membership.role, "campaigns.edit") and bool(others),  # type: ignore[attr-defined]
        "is_mine": bool(review and review.asked_by_id == request.user.pk),
        "approved_by": names.get(campaign.message.approved_by_id or 0, ""),
    }


def _shown(review: CampaignReview | None, names: dict[int, str]) -> dict[str, Any] | None:
    """A review with the names of who asked whom and who answered."""
    if review is None:
        return None
    shown = {name.removesuffix("_id"): names.get(getattr(review, name) or 0, "") for name in ACTORS}
    return shown | {name: getattr(review, name) for name in ("asked_at", "note", "verdict", "answered_at", "words")}
