"""The doors that emails open: the pixel, a link, "stop". A token of one opens no other; GET changes nothing."""

import base64
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from consent.tracking import tracking_modes
from contacts.models import Contact
from delivery.content.addressing import CLICK, OPEN, STOP, page_address
from delivery.content.linking import HONEYPOT
from delivery.models import Message, TrackedLink
from delivery.text_addresses import number_of
from delivery.tracking.measuring import REACH, people_measured
from delivery.unsubscribing import unsubscribe
from lib.clock import now
from lib.signing import BadTokenError, read_numbered_token, read_token
from touchpoints.stream import push
from workspaces.current import working_in
from workspaces.models import Workspace
from workspaces.tracking_mode import TrackingMode

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@require_safe
@never_cache
def pixel(request: HttpRequest, token: str) -> HttpResponse:
    """A picture of one point; that it was fetched is written down as far as the person allows now."""
    workspace_id, message_id, contact_id = _read(OPEN, token, 3)
    workspace = _workspace(workspace_id)
    with working_in(workspace):
        mode = tracking_modes([contact_id]).get(contact_id, TrackingMode.NONE)
    if mode == TrackingMode.FULL:
        push(workspace_id, OPEN, _item(request, message_id, contact_id))
    elif mode == TrackingMode.REACH:
        push(workspace_id, REACH, {"contact": contact_id, "at": now().isoformat()})
    return HttpResponse(GIF, content_type="image/gif")


@require_safe
@never_cache
def click(request: HttpRequest, token: str) -> HttpResponse:
    """On to the target that we keep, whether or not it may be written down; the address itself holds none."""
    workspace_id, message_id, contact_id, number = _read(CLICK, token, 4)
    workspace = _workspace(workspace_id)
    with working_in(workspace):
        link = TrackedLink.objects.filter(message_id=message_id, number=number).first()
        is_measured = bool(people_measured([contact_id]))
    if link is None and number != HONEYPOT:
        raise Http404
    if is_measured:
        push(workspace_id, CLICK, _item(request, message_id, contact_id) | {"link": number})
    response = HttpResponseRedirect(link.url if link else workspace.website or "/")
    response["Referrer-Policy"] = "no-referrer"
    return response


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """RFC 8058: POST stops the emails at once; GET shows the button that does. Of texts one press stops all of them."""
    workspace_id, message_id, contact_id = _read(STOP, token, 3)
    workspace = _workspace(workspace_id)
    with working_in(workspace):
        message = Message.objects.select_related("topic", "sender").filter(pk=message_id).first()
        contact = Contact.objects.filter(pk=contact_id).first()
        if message is None or contact is None:
            raise Http404
        everything = message.is_text or request.POST.get("scope") == "everything"
        number = number_of(contact, message) if message.is_text else ""
        if request.method == "POST":
            unsubscribe(
                contact,
                message,
                everything=everything,
                ip=request.META.get("REMOTE_ADDR"),
                agent=request.headers.get("User-Agent", ""),
            )
    context: dict[str, Any] = {
        "workspace": workspace,
        "topic": message.topic,
        "page": page_address(workspace, message_id, contact_id),
        "done": request.method == "POST",
        "everything": everything,
        "number": number,
    }
    with override(contact.language or workspace.locale):
        return render(request, "delivery/stop_text.html" if message.is_text else "delivery/stop.html", context)


def _read(purpose: str, token: str, count: int) -> tuple[int, ...]:
    try:
        return (read_numbered_token if purpose == CLICK else read_token)(purpose, token, count=count)
    except BadTokenError as error:
        raise Http404 from error


def _workspace(workspace_id: int) -> Workspace:
    workspace = Workspace.objects.filter(pk=workspace_id).first()
    if workspace is None:
        raise Http404
    return workspace


def _item(request: HttpRequest, message_id: int, contact_id: int) -> dict[str, Any]:
    return {
        "message": message_id,
        "contact": contact_id,
        "at": now().isoformat(),
        "agent": request.headers.get("User-Agent", "")[:300],
        "head": request.method == "HEAD",
    }
