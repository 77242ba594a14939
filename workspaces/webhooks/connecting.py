"""Adding and removing webhooks, switching them on again, sending one event once more."""

from collections.abc import Collection

from django.db import transaction

from lib.clock import now
from lib.sealing import seal, unseal
from lib.standard_webhooks import new_secret
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.current import current_workspace_id
from workspaces.events import DELIVERING, last_place, number_events
from workspaces.models import User, WebhookDelivery, WebhookEndpoint

PURPOSE = "webhook"


@transaction.atomic
def add_webhook(name: str, url: str, types: Collection[str], *, by: User | None) -> tuple[WebhookEndpoint, str]:
    """A webhook that is sent every event of these types from now on, and its secret, which is shown this once."""
    number_events()  # what was told until now stands before its place
    secret = new_secret()
    sealed = seal(secret, workspace_id=current_workspace_id(), purpose=PURPOSE)
    made = WebhookEndpoint.objects.create(name=name, url=url, types=sorted(types), secret=sealed, position=last_place())
    audit("webhook.added", by=by, target=made, types=made.types)
    return made, secret


def secret_of(webhook: WebhookEndpoint) -> str:
    """What it signs with. SealBrokenError."""
    return unseal(webhook.secret, workspace_id=webhook.workspace_id, purpose=PURPOSE)


@transaction.atomic
def remove_webhook(webhook: WebhookEndpoint, *, by: User | None) -> None:
    """It is sent nothing from now on, and what was sent is forgotten."""
    audit("webhook.removed", by=by, target=webhook)
    webhook.delete()


@transaction.atomic
def enable_webhook(webhook: WebhookEndpoint, *, by: User | None) -> None:
    """It is sent events again, first those that it missed, as far as the log goes back. May be repeated."""
    webhook.failing_since = webhook.disabled_at = None
    webhook.disabled_reason = ""
    webhook.save(update_fields=["failing_since", "disabled_at", "disabled_reason"])
    WebhookDelivery.objects.filter(endpoint=webhook, state=WebhookDelivery.State.WAITING).update(due_at=now())
    audit("webhook.enabled", by=by, target=webhook)
    agenda.set_due(DELIVERING)


@transaction.atomic
def disable_webhook(webhook: WebhookEndpoint, reason: str, *, by: User | None) -> None:
    """It is sent nothing until somebody switches it on again; the reason stands beside it. May be repeated."""
    webhook.disabled_at, webhook.disabled_reason = webhook.disabled_at or now(), reason[:300]
    webhook.save(update_fields=["disabled_at", "disabled_reason"])
    audit("webhook.disabled", by=by, target=webhook)


@transaction.atomic
def send_again(delivery: WebhookDelivery, *, by: User | None) -> None:
    """The same event once more, under the same id, with its tries counted anew. May be repeated."""
    delivery.state, delivery.due_at, delivery.attempts = WebhookDelivery.State.WAITING, now(), 0
    delivery.save(update_fields=["state", "due_at", "attempts"])
    audit("webhook.sent_again", by=by, target=delivery.endpoint, event=delivery.event_id)
    agenda.set_due(DELIVERING)
