"""What load balancers and Prometheus ask, and the page that visitors see while PostgreSQL is down."""

import hmac
import ipaddress
import time
from collections.abc import Callable
from http import HTTPStatus

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from backstage.metrics import REGISTRY, observe
from lib.valkey import answers

_migrated = False  # once true, true for this process: code and tables do not drift apart while it runs

ALWAYS_ANSWERED = {"/healthz", "/readyz", "/metrics"}
CONNECTION_PARTS = {
    "dbname", "user", "password", "host", "port", "connect_timeout", "service",
    "sslmode", "sslrootcert", "sslcert", "sslkey",
}  # fmt: skip

DOWN = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Back in a moment</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="5"></head>
<body><main><h1>Back in a moment</h1>
<p>The database does not answer just now. Nothing you saved is lost; this page tries again by itself.</p></main></body>
</html>
"""


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when PostgreSQL answers and every migration is applied, else 503; without Valkey we are slower, not down."""
    reasons = database_reasons()
    degraded = [] if answers() else ["Valkey does not answer"]
    status = "not ready" if reasons else "degraded" if degraded else "ready"
    return JsonResponse({"status": status, "reasons": reasons + degraded}, status=503 if reasons else 200)


def database_reasons() -> list[str]:
    """Why the database cannot serve us; an empty list when it can."""
    global _migrated  # noqa: PLW0603
    if database_is_down():
        return ["PostgreSQL does not answer"]
    try:
        if not _migrated:
            executor = MigrationExecutor(connection)
            waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if waiting:
                return [f"{len(waiting)} migrations are not applied: run manage.py migrate"]
            _migrated = True
    except (DatabaseError, InterfaceError):
        return ["PostgreSQL does not answer"]
    return []


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text: with METRICS_TOKEN as Bearer when one is set; without, for loopback where no proxy stands."""
    if not _may_read_metrics(request):
        return HttpResponseForbidden("Set METRICS_TOKEN and send it as a Bearer token.\n", content_type="text/plain")
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    if settings.TRUSTED_PROXIES:
        return False  # a proxy on this machine speaks for strangers
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def database_down_page(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: while PostgreSQL is away every page is a 503 that reloads itself; it recovers by itself too.

    Exceptions have become responses before they reach a middleware, so an error 500 is what makes it look. Once it
    has found the database away, it answers at once and looks again each second: no request waits for the pool.
    """
    away_until = 0.0

    def middleware(request: HttpRequest) -> HttpResponse:
        nonlocal away_until
        began = time.perf_counter()
        if away_until and request.path not in ALWAYS_ANSWERED:
            if time.monotonic() < away_until or database_is_down():
                away_until = max(away_until, time.monotonic() + 1)
                return _down(request)
            away_until = 0.0
        response = get_response(request)
        if response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR and database_is_down():
            away_until = time.monotonic() + 1
            response = _down(request)
        observe(request.method, response.status_code, time.perf_counter() - began)
        return response

    return middleware


def database_is_down() -> bool:
    """Whether a connection of its own fails: an error of one statement is no outage, and the pool would take 5 s."""
    parameters = {**connection.get_connection_params(), "connect_timeout": 2}
    parameters = {k: v for k, v in parameters.items() if k in CONNECTION_PARTS}
    try:
        psycopg.connect(**parameters).close()
    except psycopg.OperationalError:
        return True
    return False


def _down(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(("/v1/", "/api/")) or request.headers.get("Accept", "").startswith("application/json"):
        response: HttpResponse = JsonResponse({"error": "The database does not answer. Try again."}, status=503)
    else:
        response = HttpResponse(DOWN, status=503)
    response["Retry-After"] = "5"
    response["Cache-Control"] = "no-store"
    return response
