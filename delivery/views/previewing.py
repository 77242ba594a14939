"""A look at an email: a document of its own that may do nothing, inside the page that shows it."""

from django.http import HttpResponse
from django.utils.html import escape

PREVIEW_POLICY = {
    "default-src": ["'none'"],
    "img-src": ["'self'", "https:", "http:"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": ["'self'"],
    "sandbox": ["allow-popups"],
}


def email_response(html: str) -> HttpResponse:
    """The email; its links open beside the page."""
    return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))


def words_response(text: str) -> HttpResponse:
    """A sentence in its place."""
    return HttpResponse(f"<!doctype html><title>·</title><p>{escape(text)}</p>")
