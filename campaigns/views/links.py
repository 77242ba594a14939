"""Asking whether a campaign's links lead somewhere, and what came of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from campaigns.link_checks import ask_links, found_of
from campaigns.models import Campaign
from campaigns.views.setup import RELATED
from workspaces.permissions import needs


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def links(request: HttpRequest, pk: int) -> HttpResponse:
    """POST asks; GET is the panel, which asks again while a worker looks. Without JavaScript the page says it."""
    campaign = get_object_or_404(Campaign.objects.select_related(*RELATED), pk=pk)
    if request.method == "POST":
        ask_links(campaign)
        if not request.htmx:  # type: ignore[attr-defined]
            return redirect("campaigns:page", pk)
    context = {"campaign": campaign, "checked": found_of(campaign), "can_edit": True}
    return render(request, "campaigns/setup/links.html", context)
