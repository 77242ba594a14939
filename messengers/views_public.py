"""The public doors at which WhatsApp and RCS tell of messages: no login, no session; each call proven in its own way."""

import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from delivery.models import Sender
from delivery.returns.provider import BadBodyError, ForgedError
from lib.sealing import SealBrokenError
from lib.signing import BadTokenError
from messengers.rcs import hearing as rcs_hearing
from messengers.rcs.addresses import read_hook as read_rcs_hook
from messengers.rcs.messenger import KIND as RCS
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


@csrf_exempt
@require_POST
def rcs_hook(request: HttpRequest, token: str) -> HttpResponse:
    """What Google tells; once, when the address is entered there, a challenge that is answered in plain words."""
    try:
        workspace_id, sender_id = read_rcs_hook(token)
    except BadTokenError:
        return JsonResponse(NOBODY, status=404)
    given = request.headers.get("X-Goog-Signature", "")
    if not given:
        return _take(request, workspace_id, sender_id, RCS, lambda _sender, _raw: None, _challenged)

    def prove(sender: Sender, raw: bytes) -> None:
        rcs_hearing.prove(sender, raw, given)

    return _take(request, workspace_id, sender_id, RCS, prove, rcs_hearing.take_call)


def _challenged(sender: Sender, raw: bytes) -> str:
    """ForgedError unless it knows the client token."""
    answer = rcs_hearing.answer_challenge(sender, raw)
    if not answer:
        raise ForgedError("the client token does not fit")
    return answer


def _by_signature(headers: Mapping[str, str]) -> Callable[[Sender, bytes], None]:
    return lambda sender, raw: hearing.prove(sender, raw, headers.get("X-Hub-Signature-256", ""))


def _take(
    request: HttpRequest,
    workspace_id: int,
    sender_id: int,
    kind: str,
    prove: Callable[[Sender, bytes], None],
    take: Callable[[Sender, bytes], dict[str, int] | str],
) -> HttpResponse:
    """Prove a call and let it take effect; 200 for whatever was proven and read, also where it means nothing to us."""
    raw = request.read(LARGEST + 1)
    if len(raw) > LARGEST:
        return JsonResponse({"error": "too large"}, status=413)
    workspace = Workspace.objects.filter(pk=workspace_id).first()
    try:
        with working_in(workspace) if workspace else nullcontext():
            sender = Sender.objects.filter(pk=sender_id, kind=kind).first() if workspace else None
            if sender is None:
                return JsonResponse(NOBODY, status=404)
            prove(sender, raw)
            said = take(sender, raw)
    except (ForgedError, SealBrokenError):
        return JsonResponse({"error": "the signature does not fit"}, status=401)
    except BadBodyError as error:
        return JsonResponse({"error": str(error)}, status=400)
    if isinstance(said, str):
        return HttpResponse(said, content_type="text/plain; charset=utf-8")
    return JsonResponse(said)
