"""The door of the API: whose key it is, what it may, how often; then the workspace is open until the answer is made."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

from lib.logs import name_workspace
from lib.web.uploads import was_too_large
from workspaces.api.limiting import spend
from workspaces.api.problems import Problem
from workspaces.api.replaying import once
from workspaces.auditing import acting_key
from workspaces.current import working_in
from workspaces.keys import recognise_key
from workspaces.models import ApiKey

LARGEST_BODY = 2_000_000
CARRIES = {"POST", "PUT", "PATCH"}
MULTIPART = "multipart/form-data"
log = structlog.get_logger(__name__)
type Run = Callable[..., HttpResponse]


def scope[F: Callable[..., Any]](*names: str, takes_file: bool = False) -> Callable[[F], F]:
    """Mark an operation with the scopes that a key needs for it, all of them; one without a mark is refused to everybody.

    What answers with contacts needs contacts:read, whatever else it does: to write is not to read.
    """

    def mark(view: F) -> F:
        view.scopes, view.takes_file = names, takes_file  # type: ignore[attr-defined]
        return view

    return mark


def through_the_door(run: Run) -> Run:
    """Wrap the `run` of an operation. What it answers with 400 or more is taken back as a whole."""
    operation = run.__self__  # type: ignore[attr-defined]
    needed, takes_file = operation.view_func.scopes, operation.view_func.takes_file
    names = query_names(operation)

    @wraps(run)
    def enter(request: HttpRequest, **path: Any) -> HttpResponse:
        try:
            key = key_in(request)
            allowance = spend(key)
            check_scope(key, needed)
            check_query(request, names)
            check_body(request, takes_file=takes_file)
        except Problem as problem:
            return problem.answer()
        response = _inside(request, key, lambda: run(request, **path))
        for name, text in allowance.headers().items():
            response[name] = text
        return response

    return enter


def _inside(request: HttpRequest, key: ApiKey, run: Callable[[], HttpResponse]) -> HttpResponse:
    workspace = key.workspace
    name_workspace(workspace.pk)
    try:
        with working_in(workspace), acting_key(key):
            try:
                response = once(request, key, run)
            except Problem as problem:
                response = problem.answer()
            if response.status_code >= 400:
                transaction.set_rollback(True)
            return response
    except MultiPartParserError:
        return Problem(400, "The form cannot be read.").answer()


def key_in(request: HttpRequest) -> ApiKey:
    """The key that the request shows as Bearer. Problem 401, 403."""
    scheme, _blank, clear = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not clear.strip():
        raise Problem(401, "Show a key: Authorization: Bearer api_…", WWW_Authenticate='Bearer realm="eCRM"')
    key = recognise_key(clear.strip(), *ApiKey.Kind.values)
    if key is None:
        raise Problem(401, "No such key, or no longer.", WWW_Authenticate='Bearer error="invalid_token"')
    if key.kind != ApiKey.Kind.API:
        raise Problem(
            403, "This key records events at /v1/. Make a key of the kind API for this door.", code="other_kind"
        )
    return key


def check_scope(key: ApiKey, needed: Sequence[str]) -> None:
    """Problem 403 unless the key may do this; one that was not narrowed may do everything."""
    if key.scopes and (lacks := [one for one in needed if one not in key.scopes]):
        raise Problem(403, f"This key lacks the scope {' and '.join(lacks)}.", code="scope_missing")


def check_query(request: HttpRequest, names: frozenset[str]) -> None:
    """Problem 422 for what no operation reads: a filter that is written wrong must not let everything through."""
    if unknown := sorted(set(request.GET) - names):
        said = f"There is no such parameter here. Known: {', '.join(sorted(names)) or 'none'}."
        raise Problem(422, said, errors=[(f"query.{name[:80]}", said) for name in unknown[:20]])


def check_body(request: HttpRequest, *, takes_file: bool) -> None:
    """Problem 413 for what is too large, 415 for another kind of body than the operation reads, 400 where it broke off."""
    if request.method not in CARRIES:
        return
    if takes_file:
        if request.content_type != MULTIPART:
            raise Problem(415, f"Send {MULTIPART}.")
        try:
            _ = request.POST  # read now, so that what is too large or broken off is known
        except (MultiPartParserError, OSError) as error:
            raise Problem(400, "The form cannot be read.") from error
        if was_too_large(request):
            raise Problem(413, f"A file may have {settings.ECRM_UPLOAD_LARGEST // 1_000_000} MB. Nothing was kept.")
        return
    length = request.headers.get("Content-Length", "0")
    if length.isascii() and length.isdigit() and int(length[:20]) > LARGEST_BODY:
        raise Problem(413, f"A request may have {LARGEST_BODY // 1_000_000} MB. Nothing was kept.")
    try:
        body = request.body
    except OSError as error:
        raise Problem(400, "The body ended early.") from error
    if body and request.content_type != "application/json":
        raise Problem(415, "Send application/json.")


def query_names(operation: Any) -> frozenset[str]:
    """The parameters that an operation reads from its address."""
    return frozenset(
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    )
