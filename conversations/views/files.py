"""A file that came with what somebody wrote."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from contacts.downloads import as_download
from conversations.models import MentionFile
from workspaces.permissions import needs
from workspaces.requests import Request


@require_safe
@needs("social.see")
def came(request: Request, pk: int) -> HttpResponse:
    """The file, to whoever may read what it came with; 404 where its bytes were not kept."""
    return as_download(get_object_or_404(MentionFile, pk=pk, is_kept=True))
