"""The public door at which providers tell of emails: no login, no session; each call proven in the provider's own way."""

from collections.abc import Callable
from html import escape

from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from delivery.models import TEXT_KIND, ProviderWebhook, Sender
from delivery.returns import texts
from delivery.returns.answers import take_answer_status
from delivery.returns.hooks import note_refusal, prove, read_webhook_token, take_call
from delivery.returns.provider import BadBodyError, ForgedError
from delivery.text_addresses import TextPlace, read_answer, read_inbound, read_status
from lib.foreign.cleaning import to_line
from lib.links import public_link
from lib.sealing import SealBrokenError
from lib.signing import BadTokenError
from workspaces.current import working_in
from workspaces.models import Workspace

LARGEST = 5_000_000


@csrf_exempt
@require_POST
def provider_events(request: HttpRequest, token: str) -> HttpResponse:
    """Take what a provider tells; 200 for whatever was proven and read, also where it means nothing to us."""
    raw = request.read(LARGEST + 1)
    found = _find(token)
    if found is None:
        return JsonResponse({"error": "no such address"}, status=404)
    workspace, webhook = found
    if len(raw) > LARGEST:
        return _refused(workspace, webhook, f"larger than {LARGEST} bytes", status=413)
    try:
        prove(webhook, request.headers, raw)
        with working_in(workspace):
            return JsonResponse(take_call(webhook, raw))
    except ForgedError as error:
        return _refused(workspace, webhook, str(error), status=401)
    except BadBodyError as error:
        return _refused(workspace, webhook, str(error), status=400)


@csrf_exempt
@require_POST
def text_status(request: HttpRequest, token: str) -> HttpResponse:
    """What became of one text."""
    try:
        place = read_status(token)
    except BadTokenError:
        return JsonResponse({"error": "no such address"}, status=404)
    url = public_link("text_status", token)
    return _text_call(request, url, place.workspace_id, place.sender_id, lambda who, said: _noted(who, place, said))


@csrf_exempt
@require_POST
def text_inbound(request: HttpRequest, token: str) -> HttpResponse:
    """What somebody answered to a text; the answer to it, if any, as TwiML."""
    try:
        workspace_id, sender_id = read_inbound(token)
    except BadTokenError:
        return JsonResponse({"error": "no such address"}, status=404)
    return _text_call(request, public_link("text_inbound", token), workspace_id, sender_id, _answered)


@csrf_exempt
@require_POST
def text_answer(request: HttpRequest, token: str) -> HttpResponse:
    """What became of an answer that a member gave."""
    try:
        workspace_id, sender_id, answer_id = read_answer(token)
    except BadTokenError:
        return JsonResponse({"error": "no such address"}, status=404)
    url = public_link("text_answer", token)
    return _text_call(request, url, workspace_id, sender_id, lambda who, said: _told(who, answer_id, said))


def _text_call(
    request: HttpRequest, url: str, workspace_id: int, sender_id: int, take: Callable[[Sender, dict[str, str]], str]
) -> HttpResponse:
    """Prove a call of the provider of texts and let it take effect; TwiML with what `take` wants said."""
    try:
        fields = {name: str(value) for name, value in request.POST.items()}
    except (RequestDataTooBig, TooManyFieldsSent, BadRequest):
        return JsonResponse({"error": "too large"}, status=413)
    workspace = Workspace.objects.filter(pk=workspace_id).first()
    if workspace is None:
        return JsonResponse({"error": "no such address"}, status=404)
    with working_in(workspace):
        sender = Sender.objects.filter(pk=sender_id, kind=TEXT_KIND).first()
        if sender is None:
            return JsonResponse({"error": "no such address"}, status=404)
        try:
            texts.prove(sender, url, fields, request.headers.get("X-Twilio-Signature", ""))
        except (ForgedError, SealBrokenError):
            return JsonResponse({"error": "the signature does not fit"}, status=401)
        said = take(sender, fields)
    inside = f"<Message>{escape(said)}</Message>" if said else ""
    return HttpResponse(f"<Response>{inside}</Response>", content_type="text/xml; charset=utf-8")


def _noted(sender: Sender, place: TextPlace, fields: dict[str, str]) -> str:
    texts.take_status(sender, place, fields)
    return ""


def _told(sender: Sender, answer_id: int, fields: dict[str, str]) -> str:
    take_answer_status(sender, answer_id, fields)
    return ""


def _answered(sender: Sender, fields: dict[str, str]) -> str:
    sid, number = to_line(fields.get("MessageSid", ""), 64), fields.get("From", "")
    answer = texts.Answer(sid, number, fields.get("Body", ""), bool(fields.get("OptOutType")))
    return texts.take_answer(sender, answer) if sid else ""


def _find(token: str) -> tuple[Workspace, ProviderWebhook] | None:
    """Whose address it is; None where it is nobody's, or nobody's any more."""
    try:
        workspace_id, webhook_id = read_webhook_token(token)
    except BadTokenError:
        return None
    workspace = Workspace.objects.filter(pk=workspace_id).first()
    if workspace is None:
        return None
    with working_in(workspace):
        webhook = ProviderWebhook.objects.filter(pk=webhook_id).first()
    return (workspace, webhook) if webhook else None


def _refused(workspace: Workspace, webhook: ProviderWebhook, why: str, *, status: int) -> HttpResponse:
    with working_in(workspace):
        note_refusal(webhook, why)
    return JsonResponse({"error": why}, status=status)
