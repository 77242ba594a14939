"""Browsers in which a member is told: allowed on the page of notifications, tried, ended; moved by the browser itself."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from lib.foreign.foreign_json import BadJsonError, read_json
from lib.links import public_path
from lib.push.browsers import read_browser
from workspaces.current import working_in
from workspaces.models import Workspace
from workspaces.notices.browsers import allow_browser, end_browser, move_browser
from workspaces.notices.own_keys import public_key
from workspaces.notices.pushing import ask_for_test
from workspaces.permissions import needs
from workspaces.requests import Request

LARGEST = 8_192


@require_POST
@needs("home.see")
def door(request: Request) -> HttpResponse:
    """What the page tells us, as JSON: {"act": "key"}, or "on" with the browser's subscription."""
    try:
        said = _read(request)
        if said.get("act") == "key":
            return JsonResponse({"publicKey": public_key()})
        if said.get("act") != "on":
            raise ValueError("act is one of: key, on")
        agent = request.headers.get("User-Agent", "")[:300]
        allow_browser(request.membership, read_browser(said.get("subscription")), agent=agent)
    except ValueError as error:
        return JsonResponse({"success": False, "error": str(error)}, status=400)
    return JsonResponse({"success": True})


@require_POST
@needs("home.see")
def try_out(request: Request, pk: int) -> HttpResponse:
    """A notification comes to this browser of theirs."""
    if not ask_for_test(request.membership.user_id, pk):
        raise Http404("No such browser of theirs.")
    said = _("A notification is on its way. If none shows within half a minute, look at what your device lets through.")
    messages.success(request, said)
    return redirect("workspaces:notices")


@require_POST
@needs("home.see")
def end(request: Request, pk: int) -> HttpResponse:
    """This browser of theirs shows nothing more."""
    if not end_browser(request.membership.user_id, pk):
        raise Http404("No such browser of theirs.")
    messages.success(request, _("This browser shows no more notifications."))
    return redirect("workspaces:notices")


@require_safe
@needs("home.see")
def worker(request: Request) -> HttpResponse:
    """What runs in a member's browser. It stands below the workspace's own path: each workspace has its own in a browser."""
    at = public_path("browser_moved", request.workspace.slug)
    text = f"self.ecrm = {{ door: {json.dumps(at)} }};\nimportScripts({json.dumps(static('js/push_worker.js'))});\n"
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@csrf_exempt
@require_POST
def moved(request: HttpRequest, slug: str) -> HttpResponse:
    """A browser got another endpoint, or has none any more. It proves itself by its old secret: no session need live."""
    workspace = get_object_or_404(Workspace, slug=slug)
    try:
        said = _read(request)
        old, new = read_browser(said.get("old")), said.get("subscription")
        with working_in(workspace):
            move_browser(old, read_browser(new) if new else None)
    except ValueError as error:
        return JsonResponse({"success": False, "error": str(error)}, status=400)
    return JsonResponse({"success": True})


def _read(request: HttpRequest) -> dict[str, Any]:
    """An object of JSON, 8 kB at most. ValueError."""
    try:
        body = request.read(LARGEST + 1)
        said = read_json(body) if len(body) <= LARGEST else None
    except (OSError, BadJsonError) as error:
        raise ValueError("malformed JSON") from error
    if not isinstance(said, dict):
        raise ValueError("an object is wanted, of 8 kB at most")  # noqa: TRY004 - what is wrong is what was sent
    return said
