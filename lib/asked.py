"""Reading what an address or a form asks for: anything but a plain number that fits is no number, never an error."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

LARGEST = 2**63 - 1  # PostgreSQL's bigint


def whole_number(text: object, *, largest: int = LARGEST) -> int | None:
    """The number of 0 … `largest` written in ASCII digits, or None. "²" is a digit to str.isdigit, but no number."""
    said = str(text).strip()
    if not (said.isascii() and said.isdigit() and len(said) <= 20):
        return None
    number = int(said)
    return number if number <= largest else None


class RefuseNul:
    """Middleware: no address and no form holds a NUL. PostgreSQL has no text with one, and no person types one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if "\0" in request.path or any("\0" in str(one) for one in (*args, *kwargs.values())):
            raise BadRequest("An address holds no NUL.")
        for asked in (request.GET, request.POST):
            for name, values in asked.lists():
                if "\0" in name or any("\0" in str(one) for one in values):
                    raise BadRequest("A value holds no NUL.")
