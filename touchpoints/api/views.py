"""The doors of the ingestion API."""

import base64
import binascii
import gzip
import io
import zlib
from typing import Any

import msgspec
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from lib.clock import now
from lib.retrying import with_retries
from touchpoints.api.items import RefusedError, read_item
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from touchpoints.unknown import count_without_person
from workspaces.current import working_in
from workspaces.keys import recognise_key
from workspaces.models import ApiKey

LARGEST_REQUEST = 500_000
MOST_ITEMS = 1_000
REQUESTS_A_MINUTE = {ApiKey.Kind.BROWSER: 3_000, ApiKey.Kind.SERVER: 60_000}


class Envelope(msgspec.Struct):
    """A batch, its items still raw, so that a bad one does not spoil the others."""

    batch: list[msgspec.Raw] | None = None
    context: dict[str, Any] | None = None
    sentAt: str | None = None  # noqa: N815 - the spec's own names
    writeKey: str | None = None  # noqa: N815


class AnswerError(Exception):
    """The request as a whole is answered with an error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


_decode = msgspec.json.Decoder(Envelope).decode


@csrf_exempt
def ingest(request: HttpRequest, kind: str) -> HttpResponse:
    """`/v1/<kind>`: a batch, or one item of that kind. 200 says what was kept and what was refused, and why."""
    if request.method == "OPTIONS":
        return _cors(HttpResponse(status=204))
    if request.method != "POST":
        return _cors(_json({"error": "POST only"}, 405))
    try:
        body = read_body(request)
        envelope = parse(body)
        raw = envelope.batch if kind == "batch" else [msgspec.Raw(body)]
        if raw is None:
            raise AnswerError(400, 'a batch is written {"batch": [item, …]}')
        if len(raw) > MOST_ITEMS:
            raise AnswerError(413, f"{len(raw)} items; {MOST_ITEMS} at most")
        key = find_key(request, envelope)
        check_rate(key)
        answer, status = keep(raw, key, None if kind == "batch" else kind, anonymous=wants_no_trace(request, envelope))
    except AnswerError as error:
        return _cors(_json({"error": str(error)}, error.status))
    return _cors(_json(answer, status))


def keep(raw: list[msgspec.Raw], key: ApiKey, kind: str | None, *, anonymous: bool) -> tuple[dict[str, Any], int]:
    """Record the good items and list the bad ones by index."""
    trusted, moment = key.kind == ApiKey.Kind.SERVER, now()
    facts: list[Fact] = []
    refused: list[dict[str, Any]] = []
    for index, item in enumerate(raw):
        try:
            facts.append(read_item(item, now=moment, trusted=trusted, kind=kind))
        except RefusedError as error:
            refused.append({"index": index, "reason": str(error)})
    fresh = with_retries(lambda: _write(facts, key, trusted=trusted, anonymous=anonymous)) if facts else 0
    status = 400 if refused and kind else 200
    return {"success": not (refused and kind), "kept": len(facts), "new": fresh, "refused": refused}, status


def _write(facts: list[Fact], key: ApiKey, *, trusted: bool, anonymous: bool) -> int:
    """Record the facts in the key's workspace; how many were new."""
    with working_in(key.workspace):
        if anonymous and not trusted:
            count_without_person(facts)
            return 0
        return record(facts, source=source_for(f"key-{key.pk}", key.name), trusted=trusted).fresh_count


def read_body(request: HttpRequest) -> bytes:
    """The body, unpacked when it is gzip; 413 over 500 kB either way."""
    try:
        announced = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        announced = 0
    if announced > LARGEST_REQUEST:
        raise AnswerError(413, "larger than 500 kB")
    body = request.read(LARGEST_REQUEST + 1)
    if request.headers.get("Content-Encoding") == "gzip":
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
                body = file.read(LARGEST_REQUEST + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise AnswerError(400, "the body is not gzip") from error
    if len(body) > LARGEST_REQUEST:
        raise AnswerError(413, "larger than 500 kB")
    return body


def parse(body: bytes) -> Envelope:
    """The envelope, or 400 with the place of the error."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AnswerError(400, f"malformed JSON: {error}") from error


def find_key(request: HttpRequest, envelope: Envelope) -> ApiKey:
    """The write key: Basic user name, Bearer, or `writeKey` in the body (beacons cannot send headers)."""
    clear, scheme = envelope.writeKey or "", request.headers.get("Authorization", "")
    if scheme.startswith("Basic "):
        try:
            clear = base64.b64decode(scheme[6:]).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError) as error:
            raise AnswerError(401, "unreadable key") from error
    elif scheme.startswith("Bearer "):
        clear = scheme[7:].strip()
    key = recognise_key(clear, ApiKey.Kind.BROWSER, ApiKey.Kind.SERVER) if clear else None
    if key is None:
        raise AnswerError(401, "unknown key")
    return key


def check_rate(key: ApiKey) -> None:
    """429 past the key's requests a minute; generous, and open while Valkey is away."""
    slot = f"rate:{key.pk}:{now():%H%M}"
    cache.add(slot, 0, 120)
    try:
        used = cache.incr(slot)
    except ValueError:  # the slot ran out between the two calls
        return
    if used > REQUESTS_A_MINUTE[ApiKey.Kind(key.kind)]:
        raise AnswerError(429, "too many requests this minute; nothing of this one was kept")


def wants_no_trace(request: HttpRequest, envelope: Envelope) -> bool:
    """Whether the visitor asked to leave no identifier: Global Privacy Control, or consent not given."""
    if request.headers.get("Sec-GPC") == "1":
        return True
    return (envelope.context or {}).get("consent") == "denied"


def _json(answer: dict[str, Any], status: int) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(answer), status=status, content_type="application/json")


def _cors(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Headers"] = "authorization, content-type, content-encoding"
    response["Access-Control-Allow-Methods"] = "POST"
    response["Access-Control-Max-Age"] = "86400"
    return response
