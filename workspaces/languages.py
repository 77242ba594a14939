"""Whose language a page speaks: the member's own, else the workspace's; outside of workspaces the browser's.

What goes to people (emails, their own page) is none of this: it speaks the person's language, else the workspace's.
What is kept and the whole team reads speaks the workspace's, whoever's act or work wrote it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from workspaces.current import OpenWorkspace, current_workspace
from workspaces.models import User, Workspace

KNOWN = {code for code, _name in settings.LANGUAGES}


@contextmanager
def team_language(workspace: OpenWorkspace | None = None) -> Iterator[None]:
    """In this block words are in the language of the workspace, by default the open one: for what is kept for the team."""
    locale = (workspace or current_workspace()).locale
    with translation.override(locale if locale in KNOWN else settings.LANGUAGE_CODE):
        yield


def speak(request: HttpRequest, user: User, workspace: Workspace | None = None) -> None:
    """Turn to the language of this user for the rest of the request; keep what the browser asked for where neither
    the user nor the workspace names one that there is.
    """
    language = next((code for code in (user.locale, workspace and workspace.locale) if code in KNOWN), None)
    if language:
        translation.activate(language)
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]


class OwnLanguageMiddleware:
    """Outside of workspaces: who is signed in is spoken to in the language of their account."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and isinstance(request.user, User):
            speak(request, request.user)
        return self.get_response(request)
