"""Answers to htmx: a toast, a redirect, news for other parts of the page."""

import json

from django.http import HttpResponse


def with_toast(response: HttpResponse, text: str, *, undo_url: str = "") -> HttpResponse:
    """Let the page say `text` in its live region, with an Undo button when there is a way back."""
    response["HX-Trigger"] = json.dumps({"toast": {"text": text, "undo": undo_url}})
    return response


def look_again() -> HttpResponse:
    """Tell htmx to load this page anew: what a poll waited for has come, and it alters more than one part of the page."""
    response = HttpResponse(status=204)
    response["HX-Refresh"] = "true"
    return response


def go_to(url: str) -> HttpResponse:
    """Tell htmx to load another page."""
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return response
