"""Pictures for whoever reads an email. No login, no session; what an address names never changes."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from emails.models import Picture
from workspaces.current import working_in
from workspaces.models import Workspace


@require_safe
def picture(_request: HttpRequest, workspace_id: int, name: str) -> HttpResponse:
    """The picture's bytes."""
    fingerprint, _dot, ending = name.partition(".")
    workspace = get_object_or_404(Workspace, pk=workspace_id)
    with working_in(workspace):
        found = Picture.objects.filter(fingerprint__startswith=fingerprint, content_type=f"image/{ending}").first()
    if found is None or len(fingerprint) < 32:
        raise Http404
    response = HttpResponse(bytes(found.data), content_type=found.content_type)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
