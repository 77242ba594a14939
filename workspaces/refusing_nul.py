"""NUL in what a stranger wrote is refused before any page sees it: PostgreSQL stores it in no text."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


class RefuseNulMiddleware:
    """400 for NUL in the address, or in the fields of a form. Doors with their own format (csrf_exempt) clean it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL in the address")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> None:
        if request.method != "POST" or request.content_type not in FORMS or getattr(view, "csrf_exempt", False):
            return
        if any("\0" in name or any("\0" in one for one in values) for name, values in request.POST.lists()):
            raise BadRequest("NUL in a form")
