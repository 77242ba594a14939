"""The public door at which providers tell of emails: no login, no session; each call proven in the provider's own way."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from delivery.models import ProviderWebhook
from delivery.returns.hooks import note_refusal, prove, read_webhook_token, take_call
from delivery.returns.provider import BadBodyError, ForgedError
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
