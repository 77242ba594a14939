"""The public door of signed webhooks: `/hooks/<workspace>/<connection>/`, outside every session."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from conversations.listening import hear
from conversations.models import Connection
from social.connecting import connection_of, network_of
from social.networks.protocol import BadBodyError, ForgedError, Parsed
from workspaces.current import working_in
from workspaces.models import Workspace

LARGEST = 2_000_000
REFUSAL = {"error": "no such connection, or not your signature"}


@csrf_exempt
@require_POST
def receive(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Keep the good items of a signed delivery and name the bad ones by index. Repeating it changes nothing."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return JsonResponse({"error": f"larger than {LARGEST} bytes"}, status=413)
    raw = request.body
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        return JsonResponse(REFUSAL, status=404)
    with working_in(workspace):
        connection = connection_of(workspace, token)
        if connection is None:
            return JsonResponse(REFUSAL, status=404)
        try:
            network = network_of(connection)
            network.verify_webhook(request.headers, raw)
            return JsonResponse(_keep(connection, network.parse_webhook(request.headers, raw)))
        except ForgedError as error:
            return JsonResponse({"error": str(error)}, status=401)
        except BadBodyError as error:
            return JsonResponse({"error": str(error)}, status=400)


@transaction.atomic
def _keep(connection: Connection, parsed: Parsed) -> dict[str, Any]:
    listened = hear(connection, parsed.items)
    return {
        "new": len(listened.new),
        "changed": len(listened.changed),
        "known": listened.known_count,
        "refused": [{"index": one.index, "reason": one.reason} for one in parsed.refused],
    }
