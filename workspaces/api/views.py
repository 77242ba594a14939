"""The document and the page that reads it to people."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from workspaces.api.document import document
from workspaces.api.reference import chapters_of


@require_safe
def openapi(request: HttpRequest) -> JsonResponse:
    """The OpenAPI document, for everybody: it says nothing of any workspace."""
    response = JsonResponse(document(), json_dumps_params={"ensure_ascii": False})
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Every operation, made of the document."""
    said = document()
    server = f"{request.scheme}://{request.get_host()}/api/v1"
    return render(request, "workspaces/api/reference.html", {"chapters": chapters_of(said), "server": server})
