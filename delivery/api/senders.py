"""`/senders`: who emails come from, and whether each works."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from delivery.api.shapes import SenderShape
from delivery.models import Sender
from workspaces.api.door import scope
from workspaces.api.pages import Id, ListOf
from workspaces.api.problems import nothing_here

router = Router()


@router.get("/senders", response=ListOf[SenderShape], summary="List senders")
@scope("senders:read")
def list_senders(request: HttpRequest) -> dict[str, Any]:
    """All of them, by name."""
    return {"items": [_shape(one) for one in Sender.objects.all()]}


@router.get("/senders/{sender_id}", response=SenderShape, summary="One sender")
@scope("senders:read")
def get_sender(request: HttpRequest, sender_id: Id) -> dict[str, Any]:
    """How it stands."""
    found = Sender.objects.filter(pk=sender_id).first()
    if found is None:
        raise nothing_here("sender")
    return _shape(found)


def _shape(row: Sender) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "kind": row.kind,
        "from_email": str(row.settings.get("from_email", "")),
        "works": row.tested_at is not None and not row.last_error,
        "tested_at": row.tested_at,
        "rests_until": row.rests_until,
    }
