"""A kept file as it leaves: always a download, never shown by a browser, kept by no cache; small pictures of our own alone
are shown.
"""

from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from contacts.attaching import kind_of
from contacts.models.files import KeptFile


def as_download(file: KeptFile) -> HttpResponse:
    """The bytes under the file's name. Whoever asks must have been let in before."""
    return _guarded(HttpResponse(bytes(file.data), content_type=file.content_type), file.name)


def as_streamed_download(file: KeptFile, pieces: Iterator[bytes]) -> StreamingHttpResponse:
    """As `as_download`, of a file that is not held whole."""
    response = _guarded(StreamingHttpResponse(pieces, content_type=file.content_type), file.name)
    response.headers["Content-Length"] = str(file.size)
    return response


def as_picture(data: bytes) -> HttpResponse:
    """A picture that we made ourselves, so that nothing but pixels is in it: shown."""
    response = _guarded(HttpResponse(data, content_type=kind_of(data)), "")
    response.headers["Content-Disposition"] = "inline"
    return response


def _guarded[R: (HttpResponse, StreamingHttpResponse)](response: R, name: str) -> R:
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store, private"
    response._csp_config = {"default-src": ["'none'"], "sandbox": True}  # type: ignore[attr-defined,union-attr]
    return response
