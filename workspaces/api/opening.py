"""The API as Django's addresses know it: every room's operations behind one door, each error a problem."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as ShapeError
from ninja.parser import Parser

from lib.bisecting import reason_of
from lib.foreign.foreign_json import BadJsonError, read_json
from lib.retrying import is_passing
from lib.rooms import house
from workspaces.api.door import through_the_door
from workspaces.api.problems import Problem
from workspaces.too_slow import is_too_slow

MOST_FAULTS = 20
log = structlog.get_logger(__name__)


class CarefulParser(Parser):
    """Reads bodies as everything from outside is read: no depth bombs, no NUL, no half surrogates."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            return read_json(request.body or b"{}")
        except BadJsonError as error:
            raise Problem(400, f"The body is no JSON that we read: {error}.") from error


@cache
def open_api() -> NinjaAPI:
    """The API of this installation, opened once, after the house."""
    api = NinjaAPI(
        title="eCRM",
        version="1",
        urls_namespace="api",
        docs_url=None,
        openapi_url=None,
        parser=CarefulParser(),
    )
    api.add_decorator(through_the_door, mode="view")
    handlers: dict[type[Exception], Any] = {
        Problem: _said,
        ShapeError: _shape,
        Http404: _missing,
        RequestDataTooBig: lambda _request, _error: Problem(413).answer(),
        SuspiciousOperation: lambda _request, _error: Problem(400).answer(),
        HttpError: _refused,
        IntegrityError: lambda _request, _error: Problem(409, "Somebody else was faster. Ask again.").answer(),
        DataError: lambda _request, error: Problem(422, reason_of(error)).answer(),
        ValidationError: lambda _request, error: Problem(422, " ".join(error.messages)).answer(),
        Exception: _unforeseen,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)
    for one in house.api_routers:
        api.add_router("", import_string(one.router), tags=[one.area])
    return api


def _said(request: HttpRequest, error: Problem) -> HttpResponse:
    return error.answer()


def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja itself refuses; of a body that it could not read our parser's own words."""
    cause = error.__cause__
    return (cause if isinstance(cause, Problem) else Problem(error.status_code, error.message)).answer()


def _shape(request: HttpRequest, error: ShapeError) -> HttpResponse:
    faults = [(_place(one["loc"]), str(one["msg"])[:300]) for one in error.errors[:MOST_FAULTS]]
    detail = "; ".join(f"{at}: {says}" for at, says in faults[:3])
    return Problem(422, detail, errors=faults).answer()


def _place(loc: Sequence[Any]) -> str:
    """Where it is: "body.email". What comes second in a body is how we call the whole of it."""
    source, *rest = loc
    return ".".join(map(str, [source, *(rest[1:] if source in {"body", "form"} else rest)]))[:200]


def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return Problem(404).answer()


def _unforeseen(request: HttpRequest, error: Exception) -> HttpResponse:
    """What no operation expects: the database is away, busy or too slow; everything else is an error of ours."""
    if is_too_slow(error):
        return Problem(504, Retry_After="60").answer()
    if isinstance(error, (OperationalError, InterfaceError)) and is_passing(error):
        return Problem(503, Retry_After="5").answer()
    log.exception("api_failed", path=request.path, exc_info=error)
    return Problem(500).answer()
