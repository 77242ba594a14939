"""Pictures for whoever reads an email, and emails for whoever has their address. No login, no session."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from emails.library.calendar_files import CALENDAR, calendar_file
from emails.models import HostedEmail, LibraryItem, Picture
from emails.previewing import HOSTED_POLICY
from lib.signing import BadTokenError, read_token
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


@require_safe
def calendar(_request: HttpRequest, token: str) -> HttpResponse:
    """The file by which somebody puts a thing that begins at a moment into their calendar, as it stands now."""
    try:
        workspace_id, pk = read_token(CALENDAR, token, count=2)
    except BadTokenError as error:
        raise Http404 from error
    workspace = get_object_or_404(Workspace, pk=workspace_id)
    with working_in(workspace):
        item = LibraryItem.objects.filter(pk=pk, is_active=True, starts_at__isnull=False).first()
    if item is None:
        raise Http404
    return HttpResponse(
        calendar_file(item),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="event.ics"', "Cache-Control": "public, max-age=300"},
    )
