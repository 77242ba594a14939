"""The page that asks how an email of blocks should begin."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import beginning
from campaigns.beginning import NothingToBeginWithError
from campaigns.edited import of_campaign
from campaigns.email_pages import sample_page
from campaigns.models import Campaign
from campaigns.sampling import sample_person
from campaigns.views.setup import RELATED
from contacts.showing import sees_names
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.drafting import NotADraftError
from delivery.models import Message
from emails.blocks.base import Block
from emails.kits import current_kit, current_look
from emails.previewing import PREVIEW_POLICY, email_response, pinned, words_response
from emails.reading import BadBlocksError, write_blocks
from lib.asked import whole_number
from workspaces.permissions import may, needs


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """How should it begin? POST begins with what was chosen and opens the editor."""
    campaign = _found(pk)
    if campaign.message.state != Message.State.DRAFT:
        messages.error(request, _("This email is approved. Take it back to change it."))
        return redirect("campaigns:page", pk)
    trouble = ""
    if request.method == "POST":
        try:
            beginning.begin_with(campaign, _chosen(request), by_id=request.user.pk or 0)
            return redirect("campaigns:email", pk)
        except (NothingToBeginWithError, BadBlocksError) as error:
            trouble = str(error)
        except NotADraftError:
            return redirect("campaigns:page", pk)
    context = _context(request, campaign) | {"trouble": trouble}
    return render(request, "campaigns/email/begin.html", context, status=422 if trouble else 200)


@needs("campaigns.edit")
@xframe_options_sameorigin
@csp_override(PREVIEW_POLICY)
@require_safe
def template(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """What a starting template looks like in the brand's look, for somebody of the audience."""
    campaign = _found(pk)
    try:
        blocks = write_blocks(beginning.from_template(key, writer=_writer(request)))
        page = sample_page(
            of_campaign(campaign),
            request.workspace,  # type: ignore[attr-defined]
            sample_person(campaign),
            shows_names=sees_names(request),  # type: ignore[arg-type]
            blocks=blocks,
        )
    except NothingToBeginWithError as error:
        raise Http404 from error
    except (BadTemplateError, MissingFieldError) as error:
        return words_response(str(error))
    return email_response(pinned(page.html, is_dark=False))


def _context(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    return {
        "campaign": campaign,
        "templates": beginning.templates(),
        "earlier": beginning.earlier_emails(campaign),
        "kit": current_kit(),
        "look": current_look(),
        "may_change_kit": may(request.membership.role, "workspace.settings"),  # type: ignore[attr-defined]
    }


def _chosen(request: HttpRequest) -> list[Block]:
    """The blocks that were asked for. NothingToBeginWithError."""
    match request.POST.get("with", ""):
        case "template":
            return beginning.from_template(request.POST.get("template", ""), writer=_writer(request))
        case "words":
            return beginning.from_words(request.POST.get("words", ""))
        case "earlier":
            return beginning.from_earlier(whole_number(request.POST.get("earlier", "")) or 0)
        case _:
            return beginning.empty_page()


def _writer(request: HttpRequest) -> str:
    return str(getattr(request.user, "name", ""))


def _found(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related(*RELATED), pk=pk)
