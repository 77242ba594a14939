"""Another campaign made of one: POSTs that lead to the new draft."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import copying
from campaigns.models import Campaign
from campaigns.views.setup import RELATED
from workspaces.permissions import needs


@needs("campaigns.edit")
@require_POST
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft that says the same."""
    made = copying.duplicate(_found(pk), by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("A copy, as a draft."))
    return redirect("campaigns:page", made.pk)


@needs("campaigns.edit")
@require_POST
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft to those who did not open or click (`did`)."""
    did = request.POST.get("did", "clicked")
    if did not in copying.DID:
        raise Http404
    try:
        made = copying.follow_up(_found(pk), did=did, by=request.user)  # type: ignore[arg-type]
    except copying.NothingToFollowError:
        messages.error(request, _("Nobody got this email yet. Nothing was made."))
        return redirect("campaigns:page", pk)
    messages.success(request, _("A draft to those people. Change its words, then have it approved."))
    return redirect("campaigns:page", made.pk)


def _found(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related(*RELATED), pk=pk)
