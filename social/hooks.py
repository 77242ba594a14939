"""The public door of signed webhooks: `/hooks/<workspace>/<connection>/`, outside every session."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from conversations.mentions.setting_aside import Poison, hear_each, set_aside
from conversations.models import Connection
from lib.sealing import SealBrokenError
from social.connecting import connection_of, network_of
from social.networks.protocol import BadBodyError, ForgedError, Parsed
from workspaces.current import working_in
from workspaces.models import Workspace

LARGEST = 2_000_000
REFUSAL = {"error": "no such connection, or not your signature"}


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Keep the good items of a signed delivery and name the bad ones by index. Repeating it changes nothing.

    A GET is a network's question whether the address is ours; who asks without the right word is told nothing.
    """
    return _answer(request, slug, token) if request.method == "GET" else _take(request, slug, token)


def _answer(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is not None:
        with working_in(workspace):
            connection = connection_of(workspace, token)
            with suppress(SealBrokenError):
                if connection and (found := network_of(connection).challenge(request.GET.dict())):
                    return HttpResponse(found.text, content_type=found.content_type)
    return HttpResponseNotAllowed(["POST"])


def _take(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    raw = request.read(LARGEST + 1)
    if len(raw) > LARGEST:
        return JsonResponse({"error": f"larger than {LARGEST} bytes"}, status=413)
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        return JsonResponse(REFUSAL, status=404)
    with working_in(workspace):
        connection = connection_of(workspace, token)
        if connection is None:
            return JsonResponse(REFUSAL, status=404)
        return _listen(connection, request.headers, raw)


def _listen(connection: Connection, headers: Mapping[str, str], raw: bytes) -> HttpResponse:
    try:
        network = network_of(connection)
        network.verify_webhook(headers, raw)
        return JsonResponse(_keep(connection, network.parse_webhook(headers, raw)))
    except ForgedError as error:
        return JsonResponse({"error": str(error)}, status=401)
    except SealBrokenError:
        return JsonResponse({"error": "the secret cannot be opened any more: make a new one"}, status=401)
    except BadBodyError as error:
        return JsonResponse({"error": str(error)}, status=400)


def _keep(connection: Connection, parsed: Parsed) -> dict[str, Any]:
    """Store the good items; one that cannot be stored is refused alone and set aside, the others stand."""
    bad = {one.index for one in parsed.refused}
    places = (index for index in range(len(parsed.items) + len(bad)) if index not in bad)
    index_of = {id(item): index for item, index in zip(parsed.items, places, strict=False)}
    listened = hear_each(connection, parsed.items)
    set_aside(connection, [Poison(one.name, one.excerpt, one.reason, one.excerpt) for one in parsed.refused])
    refused = [(one.index, one.reason) for one in parsed.refused]
    refused += [(index_of[id(item)], reason) for item, reason in listened.poison]
    return {
        "new": len(listened.new),
        "changed": len(listened.changed),
        "known": listened.known_count,
        "refused": [{"index": index, "reason": reason} for index, reason in sorted(refused)],
    }
