"""A kept file as it leaves: always a download, never shown by a browser, kept by no cache."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from contacts.models.files import KeptFile


def as_download(file: KeptFile) -> HttpResponse:
    """The bytes under the file's name. Whoever asks must have been let in before."""
    response = HttpResponse(bytes(file.data), content_type=file.content_type)
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file.name) or ""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store, private"
    response._csp_config = {"default-src": ["'none'"], "sandbox": True}  # type: ignore[attr-defined]
    return response
