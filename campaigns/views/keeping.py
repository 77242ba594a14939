"""Keeping an email in the library: what is said of it there, and its page in the browser."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from campaigns.keeping_in_library import NotKeptError, draw_for_anybody, item_of, keep_in_library, usual_tags
from campaigns.models import Campaign
from campaigns.views.setup import RELATED
from delivery.models import Message
from emails.library.keeping import BadItemError
from emails.models import LibraryItem
from engagement.interests.reading import names_of
from lib.foreign.cleaning import to_line
from lib.written_meanwhile import MeanwhileForm, held
from workspaces.permissions import needs
from workspaces.requests import Request


class KeptEmailForm(MeanwhileForm):
    """What the library says of the email."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    teaser = forms.CharField(
        label=gettext_lazy("Teaser"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    interests = forms.CharField(
        label=gettext_lazy("Interests"), max_length=700, required=False,
        help_text=gettext_lazy("What it is about, between commas: oolong, cups. Who is drawn to them gets it first."),
    )  # fmt: skip


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: Request, pk: int) -> HttpResponse:
    """Say what it is about, and keep it; again, its page is drawn anew."""
    campaign = get_object_or_404(Campaign.objects.select_related(*RELATED), pk=pk, variant_of=None)
    held(Message.objects.all(), request).filter(
        pk=campaign.message_id
    ).first()  # so that two keep it one after the other
    item = item_of(campaign)
    if item is not None:
        item = held(LibraryItem.objects.all(), request).filter(pk=item.pk).first()
    try:
        subject = to_line(draw_for_anybody(campaign, request.workspace).subject, 200)
    except NotKeptError as error:
        messages.error(request, str(error))
        return redirect("campaigns:page", pk)
    form = KeptEmailForm(request.POST or None, initial=_said_of(item) if item else _usual(campaign, subject))
    form.meets = item is not None
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        tags = [one.strip() for one in said.pop("interests").split(",") if one.strip()]
        try:
            kept = keep_in_library(campaign, request.workspace, by=request.user, tags=tags, **said)
        except BadItemError as error:
            form.add_error({"tags": "interests"}.get(error.field), str(error))
        else:
            messages.success(request, _("It stands in the library, and has a page of its own."))
            return redirect("emails:item", kept.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "campaigns/keep.html", {"campaign": campaign, "form": form, "item": item}, status=status)


def _usual(campaign: Campaign, subject: str) -> dict[str, Any]:
    preheader = campaign.message.content.preheader
    return {
        "title": subject,
        "teaser": "" if "{" in preheader else to_line(preheader, 300),
        "interests": ", ".join(usual_tags(campaign)),
    }


def _said_of(item: LibraryItem) -> dict[str, Any]:
    return {"title": item.title, "teaser": item.teaser, "interests": ", ".join(names_of(item.tags).values())}
