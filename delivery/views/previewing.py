"""A look at an email: a document of its own that may do nothing, inside the page that shows it."""

import re

from django.http import HttpResponse
from django.utils.html import escape

PREVIEW_POLICY = {
    "default-src": ["'none'"],
    "img-src": ["'self'", "https:", "http:"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": ["'self'"],
    "sandbox": ["allow-popups"],
}
# The page that edits it may measure it; nothing in it runs, as there is no "allow-scripts" and no script-src.
EDITING_POLICY = PREVIEW_POLICY | {"sandbox": ["allow-same-origin", "allow-popups"]}
BY_SCHEME = re.compile(r"@media\s*\(prefers-color-scheme:\s*(dark|light)\)")


def email_response(html: str) -> HttpResponse:
    """The email; its links open beside the page."""
    return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))


def words_response(text: str) -> HttpResponse:
    """A sentence in its place."""
    return HttpResponse(f"<!doctype html><title>·</title><p>{escape(text)}</p>")


def as_on(html: str, *, dark: bool) -> str:
    """The email as it looks on a dark or a light screen, whatever this one is."""
    asked = "dark" if dark else "light"
    return BY_SCHEME.sub(lambda found: "@media all" if found[1] == asked else "@media not all", html)
