"""Whatever is answered under /api/v1/ with an error is a problem in JSON, also what a middleware or Django itself says."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from workspaces.api.problems import CODES, CONTENT_TYPE, Problem

PREFIX = "/api/v1/"
KEPT = ("Allow", "Retry-After", "WWW-Authenticate")


class ApiProblems:
    """Turns pages that say an error into problems, under the API's addresses alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path_info.startswith(PREFIX):
            return response
        if response.headers.get("Content-Type", "").startswith(CONTENT_TYPE):
            return response
        status = response.status_code if response.status_code in CODES else 400 if response.status_code < 500 else 500
        said = Problem(status).answer()
        for name in KEPT:
            if name in response.headers:
                said[name] = ", ".join(sorted(response[name].split(", "))) if name == "Allow" else response[name]
        return said
