"""What is asked so often, or by so many, that it is answered before every other middleware."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from conversations.inbox.quiet_polls import answer_quietly
from touchpoints.snippet import answer_script

EARLY: tuple[Callable[[HttpRequest], HttpResponse | None], ...] = (answer_script, answer_quietly)


def answer_early(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, before all others: the first that knows the answer gives it, without a session and a database."""

    def middleware(request: HttpRequest) -> HttpResponse:
        for answer in EARLY:
            if (response := answer(request)) is not None:
                return response
        return get_response(request)

    return middleware
