"""A POST with an Idempotency-Key happens once: the same again within 24 hours gets the answer of the first.

The answer is written in the transaction of what it answers, so there is never one without the other. Who is at it holds
an advisory lock until that transaction ends, which no crash leaves behind. What was refused did nothing: it is not kept,
and may be sent again under the same key.
"""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from django.http import HttpRequest, HttpResponse

from lib.clock import now
from lib.sql import run_sql
from workspaces.api.problems import Problem
from workspaces.current import current_workspace_id
from workspaces.models import ApiAnswer, ApiKey

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
LONGEST = 255


def once(request: HttpRequest, key: ApiKey, run: Callable[[], HttpResponse]) -> HttpResponse:
    """What `run` answers, or what it answered before. Inside the workspace's transaction. Problem 400, 409, 422."""
    name = request.headers.get(HEADER, "").strip()
    if request.method != "POST" or HEADER not in request.headers:
        return run()
    if not name or len(name) > LONGEST or not name.isprintable():
        raise Problem(400, f"An Idempotency-Key has 1 to {LONGEST} printable characters.")
    own = {"workspace": current_workspace_id(), "key": key.pk, "name": name}
    if not run_sql("workspaces/hold_answer", own)[0][0]:
        raise Problem(
            409, "The same request is being worked on. Ask again in a moment.", code="in_flight", Retry_After="1"
        )
    fingerprint = fingerprint_of(request)
    before = ApiAnswer.objects.filter(key_id=key.pk, name=name, at__gt=now() - KEPT_FOR).first()
    if before is not None:
        if before.fingerprint != fingerprint:
            raise Problem(422, "This Idempotency-Key was used for another request.", code="key_used_before")
        kept = {"Idempotency-Replayed": "true"}
        return HttpResponse(before.body, status=before.status, content_type="application/json", headers=kept)
    response = run()
    if 200 <= response.status_code < 300:
        ApiAnswer.objects.update_or_create(
            key_id=key.pk,
            name=name,
            defaults={
                "fingerprint": fingerprint,
                "status": response.status_code,
                "body": response.content.decode(),
                "at": now(),
            },
        )
    return response


def fingerprint_of(request: HttpRequest) -> str:
    """What tells one request from another: method, address, body. Of a form its parts, whatever stands between them."""
    digest = sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type != "multipart/form-data":
        digest.update(request.body)
        return digest.hexdigest()
    for name in sorted(request.POST):
        digest.update(repr((name, request.POST.getlist(name))).encode())
    for name, upload in sorted(request.FILES.items()):
        digest.update(repr((name, upload.name, upload.size)).encode())  # type: ignore[union-attr]
        for chunk in upload.chunks():  # type: ignore[union-attr]
            digest.update(chunk)
        upload.seek(0)  # type: ignore[union-attr]
    return digest.hexdigest()


def forget_answers() -> None:
    """Answers that are kept no longer, of the open workspace."""
    ApiAnswer.objects.filter(at__lt=now() - KEPT_FOR).delete()
