"""Who else builds the same email at this moment."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from campaigns.edited import CAMPAIGN, edited_email
from workspaces.permissions import needs, who_may
from workspaces.presence import forget_presence, note_presence, others_at, stamp_of
from workspaces.requests import Request


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def here(request: Request, pk: int, of: str = CAMPAIGN) -> HttpResponse:
    """Say that this member has the email open (`writes`: and types), and see who else has; POST: they have left.

    204 while those on the page (`others`) are still the ones.
    """
    edited = edited_email(pk, of)
    place, me = edited.place, request.user.pk or 0
    if request.method == "POST":
        forget_presence(place, me)
        return HttpResponse(status=204)
    note_presence(place, me, writes="writes" in request.GET)
    others = others_at(place, me, who_may("campaigns.edit"))
    stamp = stamp_of(others)
    if request.GET.get("others", "") == stamp:
        return HttpResponse(status=204)
    context = {"edited": edited, "others": others, "others_stamp": stamp}
    return render(request, "campaigns/email/company.html", context)
