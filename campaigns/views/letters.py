"""Writing: a campaign's form, and its letter as people will see it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.content.liquid import BadTemplateError, MissingFieldError
from campaigns.content.people import field_names
from campaigns.forms import CampaignForm
from campaigns.models import Campaign, Programme
from campaigns.testing_out import sample_person, write_sample
from workspaces.auditing import audit
from workspaces.permissions import needs

PREVIEW_POLICY = {
    "default-src": ["'none'"],
    "img-src": ["'self'", "https:", "http:"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": ["'self'"],
    "sandbox": ["allow-popups"],
}


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new letter."""
    programme = Programme.objects.filter(pk=_number(request.GET.get("programme")) or 0).first()
    start: dict[str, Any] = {"programme": programme, "topic": programme.topic} if programme else {}
    return _edit(request, Campaign(created_by_id=request.user.pk, **start))


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft; what is approved stays as it is."""
    campaign = get_object_or_404(Campaign, pk=pk)
    if campaign.state != Campaign.State.DRAFT:
        messages.error(request, _("This letter is approved. Take it back to change it."))
        return redirect("campaigns:page", pk)
    return _edit(request, campaign)


@needs("campaigns.edit")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft that nobody got may go."""
    campaign = get_object_or_404(Campaign, pk=pk, state=Campaign.State.DRAFT, planned_at=None)
    audit("campaign.removed", by=request.user, target=campaign)  # type: ignore[arg-type]
    campaign.delete()
    messages.success(request, _("The draft is gone."))
    return redirect("campaigns:list")


@needs("campaigns.see")
@xframe_options_sameorigin
@csp_override(PREVIEW_POLICY)
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter itself, in a document that may do nothing; POST shows what stands in the form, unsaved."""
    campaign = Campaign(pk=0) if pk == 0 else get_object_or_404(Campaign, pk=pk)
    if request.method == "POST":
        form = CampaignForm(request.POST, instance=campaign, user_id=request.user.pk)
        form.is_valid()
        campaign = form.instance
    elif pk == 0:
        raise Http404
    try:
        written = write_sample(campaign, request.workspace, sample_person(campaign))  # type: ignore[attr-defined]
    except MissingFieldError as error:
        return _say(_("{{ %(field)s }} is empty for the person we tried it with.") % {"field": error.field})
    except BadTemplateError as error:
        return _say(str(error))
    if "text" in request.GET or "text" in request.POST:
        return HttpResponse(written.text, content_type="text/plain; charset=utf-8")
    return HttpResponse(written.html.replace("<head>", '<head><base target="_blank">', 1))


def _edit(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    form = CampaignForm(request.POST or None, instance=campaign, user_id=request.user.pk)
    if request.method == "POST" and form.is_valid():
        is_new = campaign.pk is None
        form.save()
        action = "campaign.made" if is_new else "campaign.edited"
        audit(action, by=request.user, target=campaign, fields=form.changed_data)  # type: ignore[arg-type]
        messages.success(request, _("Saved."))
        return redirect("campaigns:page", campaign.pk)
    context = {"form": form, "campaign": campaign, "fields": field_names(), "preview_pk": campaign.pk or 0}
    return render(request, "campaigns/edit.html", context, status=422 if request.method == "POST" else 200)


def _say(text: str) -> HttpResponse:
    return HttpResponse(f"<!doctype html><title>·</title><p>{escape(text)}</p>")


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 18 else None
