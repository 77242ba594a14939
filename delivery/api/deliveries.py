"""`/deliveries`: what became of each person and message, the sums of a message, and a word on one whose outcome is unknown."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from ninja import Query, Router

from contacts.merging import everyone_in, survivor_of
from delivery.api.shapes import (
    CountsShape,
    DeliveriesAsked,
    DeliveryShape,
    Outcome,
    moments_of,
    money_of,
    state_name,
    state_number,
)
from delivery.engine.doubts import Fate, NotResendableError, resolve_doubt
from delivery.messengers.protocol import code_in
from delivery.models import Delivery, Message
from delivery.pricing import cost_so_far
from lib.pages import write_cursor
from workspaces.api.door import scope
from workspaces.api.pages import Id, PageOf
from workspaces.api.problems import Problem, nothing_here, refuse
from workspaces.current import current_workspace

router = Router()
State = Delivery.State
NOTED = ("delivered", "opened", "clicked", "bounced", "complained", "unsubscribed")


@router.get("/deliveries", response=PageOf[DeliveryShape], summary="List deliveries")
@scope("deliveries:read")
def list_deliveries(request: HttpRequest, asked: Query[DeliveriesAsked]) -> dict[str, Any]:
    """Of a message in the order of its people, of a contact in the order of messages. Give at least one of the two."""
    if asked.message_id is None and asked.contact_id is None:
        raise refuse("query.message_id", "Give a message_id or a contact_id.")
    rows = Delivery.objects.all()
    if asked.message_id is not None:
        rows = rows.filter(message=asked.message_id)
    if asked.contact_id is not None:
        rows = rows.filter(contact__in=everyone_in(survivor_of(asked.contact_id)))
    if asked.state is not None:
        rows = rows.filter(state=state_number(asked.state))
    order = ("contact_id", "message_id", "occasion")  # the key that each delivery has once
    if key := asked.place(int, int, int):
        rows = rows.filter(
            Q(contact__gt=key[0])
            | Q(contact=key[0], message__gt=key[1])
            | Q(contact=key[0], message=key[1], occasion__gt=key[2])
        )
    found = list(rows.order_by(*order)[: asked.limit + 1])
    shown, more = found[: asked.limit], len(found) > asked.limit
    after = write_cursor(*(getattr(shown[-1], name) for name in order)) if more else None
    return {"items": [_shape(row) for row in shown], "next": after}


@router.get("/deliveries/counts", response=CountsShape, summary="A message in numbers")
@scope("deliveries:read")
def count_deliveries(request: HttpRequest, message_id: Query[Id]) -> dict[str, Any]:
    """How many people got it, and what they did. Opens and clicks are those of people, not of machines."""
    message = Message.objects.select_related("sender").filter(pk=message_id).first()
    if message is None:
        raise nothing_here("message")
    rows = Delivery.objects.filter(message=message_id)
    noted = {name: Count("pk", filter=Q(**{f"{name}_at__isnull": False})) for name in NOTED}
    states = rows.values_list("state").annotate(people=Count("pk")).order_by("state")
    return {
        "message_id": message_id,
        "states": {state_name(state): people for state, people in states},
        **rows.aggregate(**noted),
        "cost": money_of(cost_so_far(message, current_workspace().currency)),
    }


@router.post("/deliveries/{delivery_id}/outcome", response=DeliveryShape, summary="Say what became of one")
@scope("deliveries:write", "deliveries:read")
def say_outcome(request: HttpRequest, delivery_id: Id, said: Outcome) -> dict[str, Any]:
    """For one whose outcome is unknown (state `in_doubt`). 409 where it has its word already, or nothing of its message goes
    out any more.
    """
    found = Delivery.objects.filter(pk=delivery_id).first()
    if found is None:
        raise nothing_here("delivery")
    try:
        is_news = resolve_doubt(found, Fate(said.fate), by=None)
    except NotResendableError as error:
        raise Problem(409, f"Nothing of its message goes out any more: it is {error}.", code="stopped") from error
    if not is_news:
        raise Problem(409, "It has its word already. Nothing was changed.", code="settled")
    found.refresh_from_db()
    return _shape(found)


def _shape(row: Delivery) -> dict[str, Any]:
    return {
        "id": row.pk,
        "message_id": row.message_id,
        "contact_id": row.contact_id,
        "state": state_name(row.state),
        "reason": row.reason if row.state != State.SENT else "",
        "code": code_in(row.answer),
        "attempts": row.attempts,
        "unsubscribed_at": row.unsubscribed_at,
        "soft_bounced_at": row.soft_bounced_at,
        **moments_of(row),
    }
