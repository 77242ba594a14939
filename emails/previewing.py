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
# A page of its own, where a link may lead away when somebody follows it.
HOSTED_POLICY = PREVIEW_POLICY | {
    "frame-ancestors": ["'none'"],
    "sandbox": ["allow-popups", "allow-top-navigation-by-user-activation"],
}
# The page that edits it may measure it; nothing in it runs, as there is no "allow-scripts" and no script-src.
EDITING_POLICY = PREVIEW_POLICY | {"sandbox": ["allow-same-origin", "allow-popups"]}
DARK_MODE = re.compile(r"@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)")


def email_response(html: str) -> HttpResponse:
    """The email; its links open beside the page."""
    return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))


def words_response(text: str) -> HttpResponse:
    """A sentence in its place."""
    return HttpResponse(f"<!doctype html><title>·</title><p>{escape(text)}</p>")


def pinned(html: str, *, is_dark: bool) -> str:
    """The email as dark or light mode shows it, whatever mode the one who looks at it has."""
    return DARK_MODE.sub("@media all" if is_dark else "@media not all", html)
