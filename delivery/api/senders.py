"""`/senders`: who emails come from, and whether each works."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from delivery.api.shapes import SenderShape
from delivery.models import Sender, WarmUp
from delivery.pace.rationing import today_of
from delivery.pace.warming_up import plan_of
from delivery.pricing import price_of_sender, unit_of
from workspaces.api.door import scope
from workspaces.api.pages import Id, ListOf
from workspaces.api.problems import nothing_here
from workspaces.current import current_workspace

router = Router()


@router.get("/senders", response=ListOf[SenderShape], summary="List senders")
@scope("senders:read")
def list_senders(request: HttpRequest) -> dict[str, Any]:
    """All of them, by name."""
    plans = {one.sender_id: one for one in WarmUp.objects.exclude(state=WarmUp.State.ENDED)}
    return {"items": [_shape(one, plans.get(one.pk)) for one in Sender.objects.all()]}


@router.get("/senders/{sender_id}", response=SenderShape, summary="One sender")
@scope("senders:read")
def get_sender(request: HttpRequest, sender_id: Id) -> dict[str, Any]:
    """How it stands."""
    found = Sender.objects.filter(pk=sender_id).first()
    if found is None:
        raise nothing_here("sender")
    return _shape(found, plan_of(found))


def _shape(row: Sender, plan: WarmUp | None) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "kind": row.kind,
        "from_email": str(row.settings.get("from_email", "")),
        "works": row.tested_at is not None and not row.last_error,
        "tested_at": row.tested_at,
        "rests_until": row.rests_until,
        "warm_up": _plan_shape(plan) if plan else None,
        "price": _price_shape(row),
    }


def _price_shape(row: Sender) -> dict[str, Any] | None:
    price = price_of_sender(row)
    if not price:
        return None
    return {
        "amount": f"{price.of(1, 0):.3f}",
        "postage": f"{price.of(0, 1):.3f}",
        "unit": unit_of(row.kind),
        "currency": current_workspace().currency,
    }


def _plan_shape(plan: WarmUp) -> dict[str, Any]:
    return {
        "state": plan.state,
        "most_today": plan.most,
        "sent_today": plan.taken_count if plan.day == today_of(current_workspace()) else 0,
        "step": plan.step + 1,
        "steps": plan.steps,
        "days_a_step": plan.days_a_step,
        "started_at": plan.started_at,
    }
