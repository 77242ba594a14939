"""The doors of the ingestion API."""

import base64
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import msgspec
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from lib.clock import now
from lib.counting_up import count_up
from lib.retrying import is_passing
from touchpoints.api.envelopes import (
    MOST_ITEMS,
    AnswerError,
    Envelope,
    keys_in,
    look_at,
    open_envelope,
    read_body,
)
from touchpoints.api.keeping import keep_items
from workspaces.keys import recognise_key
from workspaces.models import ApiKey

REQUESTS_A_MINUTE = {ApiKey.Kind.BROWSER: 3_000, ApiKey.Kind.SERVER: 60_000}
KINDS = {"p": "page", "t": "track", "i": "identify", "s": "screen", "g": "group", "a": "alias", "b": "batch"}
HEADERS = ["authorization", "content-type", "content-encoding", "anonymousid", "sentat"]
MOST_HEADERS = 20
HEADER = re.compile(r"[a-z0-9-]{1,40}\Z")
Answer = tuple[dict[str, Any], int]


def to_any_site(*methods: str) -> Callable[[Callable[..., Answer]], Callable[..., HttpResponse]]:
    """A door that scripts of every site may use: preflights, errors as clients read them, CORS on all of it."""

    def wrap(view: Callable[..., Answer]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if request.method == "OPTIONS":
                return _preflight(request, methods)
            try:
                if request.method not in methods:
                    raise AnswerError(405, f"{' or '.join(methods)} only")
                said, status = view(request, **kwargs)
            except AnswerError as error:
                said, status = {"success": False, "code": error.code, "message": str(error)}, error.status
            except (OperationalError, InterfaceError) as error:
                if not is_passing(error):
                    raise
                said, status = {"success": False, "code": "unavailable", "message": "try again in a moment"}, 503
            return _cors(_json(said, status))

        return answer

    return wrap


@to_any_site("POST")
def ingest(request: HttpRequest, kind: str) -> Answer:
    """`/v1/<kind>`: a batch, or one item of that kind. 200 says what was kept and what was refused, and why."""
    kind = KINDS.get(kind, kind)
    key = key_in_headers(request)
    body = look_at(read_body(request))
    check_rate(key or known_key(*keys_in(body)))
    envelope = open_envelope(body, is_batch=kind == "batch")
    key = key or known_key(str(envelope.writeKey or ""))
    if len(envelope.items) > MOST_ITEMS:
        raise AnswerError(413, f"{len(envelope.items)} items; {MOST_ITEMS} at most")
    said = keep_items(
        envelope.items,
        key,
        kind=None if kind == "batch" else kind,
        sent_at=envelope.sent_at or request.headers.get("SentAt"),
        anonymous=wants_no_trace(request, envelope),
    )
    if said["refused"] and kind != "batch":
        return {"success": False, "code": "refused", "message": said["refused"][0]["reason"], **said}, 400
    return {"success": True, **said}, 200


@to_any_site("GET")
def settings(request: HttpRequest, key: str = "") -> Answer:
    """What browser clients ask before they send: where to, and that there is nothing else to load."""
    clear = key or request.GET.get("writeKey", "")
    if recognise_key(clear, ApiKey.Kind.BROWSER, ApiKey.Kind.SERVER) is None:
        raise AnswerError(404, "unknown key")
    return _settings_of(request, clear), 200


@to_any_site("GET", "POST")
def nothing_here(request: HttpRequest) -> Answer:
    """An address of no door, in the shape that clients read."""
    raise AnswerError(404, "no such address")


def key_in_headers(request: HttpRequest) -> ApiKey | None:
    """The write key as Basic user name or Bearer; None where no header speaks of one. 401."""
    scheme, _blank, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return known_key(base64.b64decode(secret).decode().partition(":")[0])
        except ValueError as error:
            raise AnswerError(401, "unreadable key") from error
    return known_key(secret.strip()) if scheme.lower() == "bearer" else None


def known_key(*candidates: str) -> ApiKey:
    """The first of these that opens this door. 401."""
    for clear in candidates:
        if clear and (key := recognise_key(clear, ApiKey.Kind.BROWSER, ApiKey.Kind.SERVER)) is not None:
            return key
    raise AnswerError(401, "unknown key")


def check_rate(key: ApiKey) -> None:
    """429 past the key's requests a minute; generous, and open while Valkey is away."""
    slot = f"rate:{key.pk}:{now():%H%M}"
    if count_up(slot, 120) > REQUESTS_A_MINUTE[ApiKey.Kind(key.kind)]:
        raise AnswerError(429, "too many requests this minute; nothing of this one was kept")


def wants_no_trace(request: HttpRequest, envelope: Envelope) -> bool:
    """Whether the visitor asked to leave no identifier: Global Privacy Control, or consent not given."""
    if request.headers.get("Sec-GPC") == "1":
        return True
    return isinstance(envelope.context, dict) and envelope.context.get("consent") == "denied"


def _settings_of(request: HttpRequest, key: str) -> dict[str, Any]:
    """For @segment/analytics-next at `/v1/projects/<key>/settings`, for RudderStack's at `/v1/sourceConfig/`."""
    door = f"{request.get_host()}/v1"
    segment = {"apiKey": key, "apiHost": door, "protocol": request.scheme, "versionSettings": {"version": "4.4.7"}}
    return {
        "integrations": {"Segment.io": {**segment, "type": "browser", "bundlingStatus": "unbundled"}},
        "plan": {"track": {}, "identify": {}, "group": {}},
        "edgeFunction": {},
        "metrics": {"sampleRate": 0},
        "remotePlugins": [],
        "source": {
            "id": key[:12],
            "name": "eCRM",
            "writeKey": key,
            "enabled": True,
            "workspaceId": "",
            "destinations": [],
            "config": {"statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}},
        },
    }


def _json(answer: dict[str, Any], status: int) -> HttpResponse:
    response = HttpResponse(msgspec.json.encode(answer), status=status, content_type="application/json")
    if status in {429, 503}:
        response["Retry-After"] = "60" if status == 429 else "5"
    return response


def _preflight(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse:
    """Whatever headers a client wants to send it may: cookies never come here, and unknown headers are not read."""
    asked = request.headers.get("Access-Control-Request-Headers", "").lower().split(",")
    more = [name for one in asked[:MOST_HEADERS] if HEADER.match(name := one.strip())]
    response = _cors(HttpResponse(status=204))
    response["Access-Control-Allow-Headers"] = ", ".join(dict.fromkeys([*HEADERS, *more]))
    response["Access-Control-Allow-Methods"] = ", ".join(methods)
    response["Access-Control-Max-Age"] = "86400"
    response["Vary"] = "Access-Control-Request-Headers"
    return response


def _cors(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Headers"] = ", ".join(HEADERS)
    response["Access-Control-Expose-Headers"] = "Retry-After"
    return response
