"""Pages go out compressed where the browser unpacks them: a list of people is a tenth of its size on the line."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXT = ("text/", "application/json", "application/javascript", "application/manifest+json", "image/svg+xml")


class PackPages(GZipMiddleware):
    """Middleware: gzip for whole answers of text. What is streamed and what is packed already goes out as it is.

    Compression and a secret on one page are how BREACH reads secrets. Django gives the CSRF token another mask in each
    answer, and GZipMiddleware adds up to 100 random bytes, so that sizes tell nothing (docs.djangoproject.com,
    "GZipMiddleware"); no other secret stands on a page together with text of a stranger's choice.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "")
        if not isinstance(response, HttpResponse) or not kind.startswith(TEXT):
            return response
        return super().process_response(request, response)
