"""The list of an ad audience: how many stand on it, and its two files."""

from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from delivery.models import Message
from messengers.audience.listing import AudienceFile, ends_at, is_there, network_of, on_list
from messengers.audience.messenger import KIND
from workspaces.auditing import audit
from workspaces.permissions import may, needs
from workspaces.requests import Request

FILES = {"list": False, "to-remove": True}


@needs("contacts.identify")
@require_safe
def download(request: Request, pk: int, which: str) -> HttpResponse | StreamingHttpResponse:
    """Who is on the list, or who has to come off it, as the network reads it. Streamed, and written down."""
    message = get_object_or_404(Message.objects.select_related("sender"), pk=pk, sender__kind=KIND)
    if which not in FILES or not is_there(message):
        raise Http404
    audit("audience.downloaded", by=request.user, target=message, file=which)
    lines = AudienceFile(request.workspace, message, is_for_removal=FILES[which])
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"{slugify(message.name) or 'audience'}-{which}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def audience_panel(request: Request, message: Message) -> dict[str, Any] | None:
    """On the page of a campaign by such a sender: the files, how to upload them, until when they are here."""
    if message.sender is None or message.sender.kind != KIND:
        return None
    return {
        "message": message,
        "network": network_of(message),
        "audience": message.sender.settings.get("audience", ""),
        "count": on_list(message).count(),
        "is_there": is_there(message),
        "ends_at": ends_at(message),
        "may_take": may(request.membership.role, "contacts.identify"),
    }
