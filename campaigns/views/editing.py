"""Writing: a campaign's form, and its email as people will see it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.composing import compose, hold_draft, remove_draft, unsaved
from campaigns.forms import CampaignForm
from campaigns.models import Campaign, Programme
from campaigns.sampling import sample_person
from campaigns.views.setup import RELATED
from contacts.showing import sees_names
from delivery.chats import show_bubble
from delivery.content.compiling import Written
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.people import field_names
from delivery.messengers.protocol import Bubble
from delivery.models import Content, Message
from delivery.pricing import expected_cost, weigh_text
from delivery.senders import carries_words
from delivery.test_sends import sample_fields, write_sample
from emails.previewing import PREVIEW_POLICY, email_response, words_response
from lib.asked import whole_number
from messengers.letters.previewing import letter_response
from messengers.push.showing import shown_in
from workspaces.auditing import audit
from workspaces.permissions import needs


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new email, with all its fields on one page."""
    programme = Programme.objects.filter(pk=_number(request.GET.get("programme")) or 0).first()
    start: dict[str, Any] = {"programme": programme.pk, "topic": programme.topic_id} if programme else {}
    if segment := _number(request.GET.get("segment")):
        start["segment"] = segment
    return _edit(request, None, start)


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft; what is approved stays as it is."""
    if request.method == "POST":
        hold_draft(pk)
    campaign = _found(pk)
    if campaign.message.state != Message.State.DRAFT:
        messages.error(request, _("This email is approved. Take it back to change it."))
        return redirect("campaigns:page", pk)
    return _edit(request, campaign, {"body_format": "markdown"} if request.GET.get("by") == "hand" else None)


@needs("campaigns.edit")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft that nobody got may go."""
    campaign = _found(pk, message__state=Message.State.DRAFT, message__planned_at=None, variant_of=None)
    audit("campaign.removed", by=request.user, target=campaign)  # type: ignore[arg-type]
    remove_draft(campaign)
    messages.success(request, _("The draft is gone."))
    return redirect("campaigns:list")


@needs("campaigns.see")
@xframe_options_sameorigin
@csp_override(PREVIEW_POLICY)
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The email itself, in a document that may do nothing; POST shows what stands in the form, unsaved."""
    campaign = None if pk == 0 else _found(pk)
    if request.method == "POST":
        form = CampaignForm(request.POST, campaign=campaign, user_id=request.user.pk)
        form.meets = False
        form.is_valid()
        campaign = unsaved(form.cleaned_data, campaign)
    if campaign is None:
        raise Http404
    if not carries_words(campaign.message.sender):
        return words_response(_("This sender hands over a list of people, and no words."))
    workspace, person = request.workspace, sample_person(campaign)  # type: ignore[attr-defined]
    shows_names = sees_names(request)  # type: ignore[arg-type]
    try:
        written = write_sample(campaign.message, workspace, person, shows_names=shows_names)
        fields = sample_fields(campaign.message, workspace, person, shows_names=shows_names)
        bubble = show_bubble(campaign.message, written.text.strip(), fields)
    except MissingFieldError as error:
        return words_response(_("{{ %(field)s }} is empty for the person we tried it with.") % {"field": error.field})
    except BadTemplateError as error:
        return words_response(str(error))
    is_plain = "text" in request.GET or "text" in request.POST
    return _as_they_see_it(request, campaign.message, written, bubble, is_plain=is_plain)


def _as_they_see_it(
    request: HttpRequest, message: Message, written: Written, bubble: Bubble | None, *, is_plain: bool
) -> HttpResponse:
    """An email, a text for phones with what it weighs, or a letter on its sheet."""
    if is_plain:
        return HttpResponse(written.text, content_type="text/plain; charset=utf-8")
    if message.is_letter:
        return letter_response(message, written)
    return _on_a_phone(request, message, written, bubble) or email_response(written.html)


def _on_a_phone(request: HttpRequest, message: Message, written: Written, bubble: Bubble | None) -> HttpResponse | None:
    """What goes to phones as it will look there; None of an email."""
    workspace = request.workspace  # type: ignore[attr-defined]
    if bubble is not None:
        cost = expected_cost(message, people=1, units=1, currency=workspace.currency)
        return render(request, "campaigns/chat_preview.html", {"bubble": bubble, "cost": cost, "workspace": workspace})
    if message.is_text:
        weight = weigh_text(message, written, workspace)
        context = {"text": written.text.strip(), "weight": weight, "workspace": workspace}
        return render(request, "campaigns/text_preview.html", context)
    if message.is_notification:
        return render(request, "campaigns/notification_preview.html", {"shown": shown_in(written)})
    return None


def _edit(request: HttpRequest, campaign: Campaign | None, start: dict[str, Any] | None = None) -> HttpResponse:
    form = CampaignForm(request.POST or None, campaign=campaign, user_id=request.user.pk, initial=start)
    if request.method == "POST" and form.is_valid():
        kept = compose(campaign, created_by_id=request.user.pk, **form.cleaned_data)
        action = "campaign.edited" if campaign else "campaign.made"
        audit(action, by=request.user, target=kept, fields=form.changed_data)  # type: ignore[arg-type]
        messages.success(request, _("Saved."))
        has_to_begin = kept.message.content.body_format == Content.Format.BLOCKS and not kept.message.content.blocks
        return redirect("campaigns:begin" if has_to_begin else "campaigns:page", kept.pk)
    pk = campaign.pk if campaign else 0
    context = {"form": form, "campaign": campaign, "fields": field_names(), "preview_pk": pk}
    return render(request, "campaigns/edit.html", context, status=422 if request.method == "POST" else 200)


def _found(pk: int, **facts: Any) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related(*RELATED), pk=pk, **facts)


def _number(text: str | None) -> int | None:
    return whole_number(text or "")
