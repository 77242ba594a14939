"""Pictures for whoever reads an email, and emails for whoever has their address. No login, no session."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from emails.models import HostedEmail, Picture
from emails.previewing import HOSTED_POLICY
from workspaces.current import working_in
from workspaces.models import Workspace


@require_safe
def picture(_request: HttpRequest, workspace_id: int, name: str) -> HttpResponse:
    """The picture's bytes; what an address names never changes."""
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


@csp_override(HOSTED_POLICY)
@require_safe
def hosted(_request: HttpRequest, workspace_id: int, key: str) -> HttpResponse:
    """An email as anybody may read it, in a document that may do nothing."""
    workspace = get_object_or_404(Workspace, pk=workspace_id)
    with working_in(workspace):
        html = HostedEmail.objects.filter(key=key[:64].replace("\0", "")).values_list("html", flat=True).first()
    if html is None:
        raise Http404
    response = HttpResponse(html)
    response["Cache-Control"] = "public, max-age=300"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
