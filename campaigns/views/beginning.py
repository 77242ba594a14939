"""The page that asks how an email of blocks should begin."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.beginning import (
    NothingToBeginWithError,
    begin_with,
    earlier_emails,
    empty_page,
    from_earlier,
    from_words,
)
from campaigns.models import Campaign
from campaigns.views.campaigns import RELATED
from delivery.drafting import NotADraftError
from delivery.models import Message
from emails.blocks.base import Block
from emails.reading import BadBlocksError
from lib.asked import whole_number
from workspaces.permissions import needs


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """How should it begin? POST begins with what was chosen and opens the editor."""
    campaign = get_object_or_404(Campaign.objects.select_related(*RELATED), pk=pk)
    if campaign.message.state != Message.State.DRAFT:
        messages.error(request, _("This email is approved. Take it back to change it."))
        return redirect("campaigns:page", pk)
    trouble = ""
    if request.method == "POST":
        try:
            begin_with(campaign, _chosen(request), by_id=request.user.pk or 0)
            return redirect("campaigns:email", pk)
        except (NothingToBeginWithError, BadBlocksError) as error:
            trouble = str(error)
        except NotADraftError:
            return redirect("campaigns:page", pk)
    context = {"campaign": campaign, "earlier": earlier_emails(campaign), "trouble": trouble}
    return render(request, "campaigns/email/begin.html", context, status=422 if trouble else 200)


def _chosen(request: HttpRequest) -> list[Block]:
    """The blocks that were asked for. NothingToBeginWithError."""
    match request.POST.get("with", ""):
        case "words":
            return from_words(request.POST.get("words", ""))
        case "earlier":
            return from_earlier(whole_number(request.POST.get("earlier", "")) or 0)
        case _:
            return empty_page()
