"""A file that came with what somebody wrote, or went with our answer; and the small picture of it."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from contacts.downloads import as_download, as_picture, as_streamed_download
from conversations.mentions.came_along import stream
from conversations.models import MentionFile, ReplyFile
from conversations.models.pictured import PicturedFile
from workspaces.permissions import needs
from workspaces.requests import Request


@require_safe
@needs("social.see")
def came(request: Request, pk: int) -> HttpResponse | StreamingHttpResponse:
    """The file, to whoever may read what it came with; 404 where its bytes were not kept."""
    file = get_object_or_404(MentionFile.objects.defer("thumbnail"), pk=pk, is_kept=True)
    return as_download(file) if file.data else as_streamed_download(file, stream(file))


@require_safe
@needs("social.see")
def came_small(request: Request, pk: int) -> HttpResponse:
    """The small picture of it, to whoever may read what it came with."""
    return thumbnail_of(get_object_or_404(MentionFile.objects.defer("data"), pk=pk, thumbnail_width__gt=0))


@require_safe
@needs("social.see")
def went_small(request: Request, pk: int) -> HttpResponse:
    """The small picture of what goes, or went, with an answer, to whoever may read that."""
    return thumbnail_of(get_object_or_404(ReplyFile.objects.defer("data"), pk=pk, thumbnail_width__gt=0))


def thumbnail_of(file: PicturedFile) -> HttpResponse:
    """The small picture beside a file. Whoever asks must have been let in before."""
    return as_picture(bytes(file.thumbnail or b""))
