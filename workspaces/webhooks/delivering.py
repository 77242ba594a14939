"""Sending events to webhooks: each at least once, tried again for three days, one signed POST at a time.

A failing address is left alone for the rest of the round, so that it holds up nobody else's events. The id of a POST is
the event's, whatever the try: who gets one twice can tell.
"""

import json
from datetime import datetime, timedelta
from itertools import zip_longest
from time import monotonic

import structlog
from django.db.models import QuerySet

from lib.clock import now
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import FetchFailedError, safe_fetch
from lib.sealing import SealBrokenError
from lib.sql import run_sql
from lib.standard_webhooks import BadSecretError, signed_headers
from workspaces.current import current_workspace_id, working_in
from workspaces.events import data_of, number_events
from workspaces.models import WebhookDelivery, WebhookEndpoint, Workspace
from workspaces.webhooks.connecting import disable_webhook, secret_of

# After each try that fails how long until the next: what the specification proposes, three days in all.
PAUSES = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
)  # fmt: skip
FAILING_FOR = timedelta(days=3)
ROUND_SECONDS, A_ROUND = 20.0, 200
POST_SECONDS, LARGEST_ANSWER = 10.0, 4_096
LEFT_ALONE = timedelta(minutes=1)
GONE = 410
log = structlog.get_logger(__name__)
State = WebhookDelivery.State


def deliver_webhooks(workspace: Workspace) -> datetime | None:
    """The agenda's work: make deliveries of new events, send what is due; returns when the next one is. May be repeated."""
    with working_in(workspace):
        number_events()
        run_sql(
            "workspaces/plan_deliveries", {"workspace": current_workspace_id(), "now": now(), "waiting": State.WAITING}
        )
    ends_at, failing = monotonic() + ROUND_SECONDS, set[int]()
    with working_in(workspace):
        due = _due_in_turns()
    for pk, endpoint_id in due:
        if monotonic() > ends_at:
            break
        if endpoint_id not in failing and not _deliver(workspace, pk):
            failing.add(endpoint_id)
    with working_in(workspace):
        soonest = _waiting().order_by("due_at").values_list("due_at", flat=True).first()
        others = _waiting().exclude(endpoint__in=failing).order_by("due_at").values_list("due_at", flat=True).first()
    if soonest is None:
        return None
    left_alone = max(soonest, now() + LEFT_ALONE) if failing else soonest
    return min(left_alone, others) if others else left_alone


def _due_in_turns() -> list[tuple[int, int]]:
    """(delivery, webhook) of what is due, one of each webhook after the other: a long queue of one holds up no other."""
    queues = []
    for endpoint_id in WebhookEndpoint.objects.filter(disabled_at=None).order_by("pk").values_list("pk", flat=True):
        mine = _waiting().filter(endpoint=endpoint_id, due_at__lte=now()).order_by("due_at", "pk")
        queues.append([(pk, endpoint_id) for pk in mine.values_list("pk", flat=True)[:A_ROUND]])
    return [one for turn in zip_longest(*queues) for one in turn if one is not None]


def body_of(delivery: WebhookDelivery) -> bytes:
    """What is sent: the specification's three members."""
    event = delivery.event
    said = {"type": event.type, "timestamp": event.at.isoformat(), "data": data_of(event)}
    return json.dumps(said, ensure_ascii=False).encode()


def _waiting() -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(state=State.WAITING, endpoint__disabled_at=None)


def _deliver(workspace: Workspace, pk: int) -> bool:
    """One try, outside every transaction; whether the address took it."""
    with working_in(workspace):
        delivery = _waiting().select_related("endpoint", "event").filter(pk=pk).first()
        if delivery is None:
            return True
    status, error = _post(delivery)
    with working_in(workspace):
        _write_down(delivery, status, error)
    return not error


def _post(delivery: WebhookDelivery) -> tuple[int | None, str]:
    """(status, what is wrong with it or "")."""
    body, endpoint = body_of(delivery), delivery.endpoint
    try:
        name = f"evt_{delivery.event_id}"
        headers = signed_headers(secret_of(endpoint), name, body, timestamp=int(now().timestamp()))
        headers |= {"Content-Type": "application/json"}
        found = safe_fetch(
            endpoint.url,
            method="POST",
            headers=headers,
            content=body,
            largest=LARGEST_ANSWER,
            seconds=POST_SECONDS,
            cuts=True,
        )
    except (UnsafeAddressError, FetchFailedError, SealBrokenError, BadSecretError) as error:
        return None, str(error)[:300] or type(error).__name__
    return found.status, "" if 200 <= found.status < 300 else f"It answered {found.status}."


def _write_down(delivery: WebhookDelivery, status: int | None, error: str) -> None:
    """What came of a try; an address that failed for three days, or says that it is gone, is disabled."""
    endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=delivery.endpoint_id).first()
    if endpoint is None:  # removed meanwhile
        return
    delivery.attempts, delivery.tried_at = delivery.attempts + 1, now()
    delivery.status, delivery.error = status, error
    if not error:
        delivery.state = State.DELIVERED
    elif delivery.attempts > len(PAUSES):
        delivery.state = State.FAILED
    else:
        delivery.due_at = now() + PAUSES[delivery.attempts - 1]
    delivery.save(update_fields=["attempts", "tried_at", "status", "error", "state", "due_at"])
    if not error and endpoint.failing_since is not None:
        endpoint.failing_since = None
        endpoint.save(update_fields=["failing_since"])
    elif error:
        _count_failure(endpoint, status, error)


def _count_failure(endpoint: WebhookEndpoint, status: int | None, error: str) -> None:
    if endpoint.failing_since is None:
        endpoint.failing_since = now()
        endpoint.save(update_fields=["failing_since"])
    is_lasting = endpoint.failing_since <= now() - FAILING_FOR
    if is_lasting or status == GONE:
        reason = "The address says that it is gone (410)." if status == GONE else f"Failing for three days: {error}"
        disable_webhook(endpoint, reason, by=None)
        log.warning("webhook_disabled", endpoint=endpoint.pk, reason=reason)
