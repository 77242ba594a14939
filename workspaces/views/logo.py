"""A workspace's logo, for its own pages and its emails."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from workspaces.models import Workspace


@require_safe
def logo(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture, re-encoded when it came in."""
    workspace = get_object_or_404(Workspace.objects.only("logo"), slug=slug)
    if not workspace.logo:
        raise Http404
    response = HttpResponse(bytes(workspace.logo), content_type="image/png")
    response["Cache-Control"] = "public, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response
