"""A statement that took longer than it may is an answer in plain words, not an error of ours.

Who may take how long: settings.STATEMENT_SECONDS, set for web and workers apart (`limit_statements`), written into each
transaction by `working_in`. Work that may take longer says so itself (segments.rules.statements.bounded).
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from psycopg.errors import QueryCanceled

STATUS = 504


def limit_statements(process: str) -> None:
    """From now on this process ("web" or "worker") lets PostgreSQL cancel what takes longer than it may here."""
    settings.STATEMENT_SECONDS = settings.STATEMENT_SECONDS_BY_PROCESS[process]


def is_too_slow(error: BaseException | None) -> bool:
    """Whether a cancelled statement is behind this error."""
    while error is not None:
        if isinstance(error, QueryCanceled):
            return True
        error = error.__cause__
    return False


class TooSlowMiddleware:
    """Answers 504 where a statement was cancelled for its time; what the request had written is taken back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """None for every other error."""
        if not is_too_slow(exception):
            return None
        if request.path.startswith(("/v1/", "/api/")) or "json" in request.headers.get("Accept", ""):
            message = "This took too long and was stopped; nothing of it was kept. Send less at once."
            said = {"success": False, "code": "too_slow", "message": message}
            response: HttpResponse = JsonResponse(said, status=STATUS)
        else:
            # without the request: context processors would ask the database, whose transaction is broken
            response = render(None, "too_slow.html", status=STATUS)  # type: ignore[arg-type]
        response["Retry-After"] = "60"
        response["Cache-Control"] = "no-store"
        return response
