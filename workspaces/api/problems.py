"""What goes wrong in the API, as RFC 9457 says it: `application/problem+json` with a status, a code and a reason."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    500: "error_of_ours",
    503: "unavailable",
    504: "too_slow",
}
USUAL = {
    400: "The request cannot be read.",
    404: "There is nothing at this address.",
    405: "This address does not take this method.",
    413: "This is larger than we take.",
    500: "Something went wrong on our side; nothing of this request was kept.",
    503: "We are away for a moment; nothing of this request was kept. Try again.",
    504: "This took too long and was stopped; nothing of it was kept. Ask for less at once.",
}


class Problem(Exception):  # noqa: N818 - the standard's own word
    """The request is answered with this problem, and nothing of it is kept."""

    def __init__(
        self, status: int, detail: str = "", *, code: str = "", errors: Sequence[tuple[str, str]] = (), **headers: str
    ) -> None:
        super().__init__(detail)
        self.status, self.code = status, code or CODES[status]
        self.detail = detail or USUAL.get(status, "")
        self.errors, self.headers = list(errors), {name.replace("_", "-"): text for name, text in headers.items()}

    def answer(self) -> HttpResponse:
        """The response."""
        said: dict[str, Any] = {
            "type": f"/api/v1/#problem-{self.status}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "errors": [{"at": at, "message": message} for at, message in self.errors],
        }
        body = json.dumps(said, ensure_ascii=False)
        return HttpResponse(body, status=self.status, content_type=CONTENT_TYPE, headers=self.headers)


def refuse(at: str, message: object, *, code: str = "") -> Problem:
    """A problem with one part of the request ("body.email", "query.tag"), to be raised."""
    return Problem(422, str(message), code=code, errors=[(at, str(message))])


def nothing_here(what: str) -> Problem:
    """There is no such thing in this workspace, to be raised."""
    return Problem(404, f"There is no such {what}.")
