"""The public doors at which WhatsApp and RCS tell of messages: no login, no session; each call proven in its own way."""

import re
from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from delivery.models import Sender
from delivery.returns.provider import BadBodyError, ForgedError
from lib.sealing import SealBrokenError
from lib.signing import BadTokenError
from messengers.whatsapp import addresses, hearing
from messengers.whatsapp.messenger import KIND as WHATSAPP
from workspaces.current import working_in
from workspaces.models import Workspace

LARGEST = 5_000_000
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{1,200}\Z")
NOBODY = {"error": "no such address"}


@csrf_exempt
@require_http_methods(["GET", "POST"])
def whatsapp_hook(request: HttpRequest, token: str) -> HttpResponse:
    """GET: WhatsApp makes sure that the address is ours. POST: what it tells."""
    try:
        workspace_id, sender_id = addresses.read_hook(token)
    except BadTokenError:
        return JsonResponse(NOBODY, status=404)
    if request.method == "POST":
        prove = _by_signature(request.headers)
        return _take(request, workspace_id, sender_id, WHATSAPP, prove, hearing.take_call)
    challenge, given = request.GET.get("hub.challenge", ""), request.GET.get("hub.verify_token", "")
    is_asked = request.GET.get("hub.mode") == "subscribe" and CHALLENGE.match(challenge) is not None
    if not is_asked or not addresses.is_verify_token(given, workspace_id, sender_id):
        return JsonResponse({"error": "the verify token does not fit"}, status=403)
    return HttpResponse(challenge, content_type="text/plain; charset=utf-8")


def _by_signature(headers: Mapping[str, str]) -> Callable[[Sender, bytes], None]:
    return lambda sender, raw: hearing.prove(sender, raw, headers.get("X-Hub-Signature-256", ""))


def _take(
    request: HttpRequest,
    workspace_id: int,
    sender_id: int,
    kind: str,
    prove: Callable[[Sender, bytes], None],
    take: Callable[[Sender, bytes], dict[str, int]],
) -> HttpResponse:
    """Prove a call and let it take effect; 200 for whatever was proven and read, also where it means nothing to us."""
    raw = request.read(LARGEST + 1)
    workspace = Workspace.objects.filter(pk=workspace_id).first()
    if len(raw) > LARGEST:
        return JsonResponse({"error": "too large"}, status=413)
    if workspace is None:
        return JsonResponse(NOBODY, status=404)
    with working_in(workspace):
        sender = Sender.objects.filter(pk=sender_id, kind=kind).first()
        if sender is None:
            return JsonResponse(NOBODY, status=404)
        try:
            prove(sender, raw)
            return JsonResponse(take(sender, raw))
        except (ForgedError, SealBrokenError):
            return JsonResponse({"error": "the signature does not fit"}, status=401)
        except BadBodyError as error:
            return JsonResponse({"error": str(error)}, status=400)
