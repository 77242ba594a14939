"""A POST with an Idempotency-Key happens once: the same again within 24 hours gets the answer of the first.

The answer is written in the transaction of what it answers, so there is never one without the other. Who is at it holds
an advisory lock until that transaction ends, which no crash leaves behind. What was refused did nothing: it is not kept,
and may be sent again under the same key.
"""

import json
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

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
        if before.is_forgotten:
            said = "It happened, but its answer was forgotten when somebody was erased: read what stands."
            raise Problem(409, said, code="answer_forgotten")
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
                "is_forgotten": False,
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


def gather_answers(contact_ids: Collection[int]) -> Iterator[dict[str, Any]]:
    """What was answered about these contacts within the last day."""
    for row in ApiAnswer.objects.exclude(body="").order_by("pk").iterator(100):
        said = json.loads(row.body)
        about = said.get("contact_id") or (said.get("id") if "merged_ids" in said else None)
        if about in contact_ids:
            yield {"at": row.at, "answer": said}


def forget_words(contact_ids: Collection[int]) -> int:
    """Somebody is erased: what answers said goes, of everybody, for none says of whom it speaks; returns how many.

    That the requests happened stays known, so that none happens twice.
    """
    return ApiAnswer.objects.filter(is_forgotten=False).update(body="", is_forgotten=True) if contact_ids else 0


def forget_answers() -> None:
    """Answers that are kept no longer, of the open workspace."""
    ApiAnswer.objects.filter(at__lt=now() - KEPT_FOR).delete()
