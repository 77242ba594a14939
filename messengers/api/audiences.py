"""`/audiences`: the list of an ad audience as its network reads it, for a program that uploads it."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from delivery.models import Message
from lib.pages import write_cursor
from messengers.audience.listing import is_there, network_of, page_of_list
from messengers.audience.messenger import KIND
from workspaces.api.door import scope
from workspaces.api.pages import Id, Paged, PageOf
from workspaces.api.problems import nothing_here
from workspaces.auditing import audit

router = Router()
Cells = dict[str, str]


@router.get("/audiences/{message_id}/people", response=PageOf[Cells], summary="Who is on an audience's list")
@scope("audiences:read")
def list_audience(request: HttpRequest, message_id: Id, asked: Query[Paged]) -> dict[str, Any]:
    """Column of the network → cell, hashed where the network asks for hashes; for 30 days. A page may be empty."""
    return _page(message_id, asked, is_for_removal=False)


@router.get("/audiences/{message_id}/removals", response=PageOf[Cells], summary="Who comes off an audience's list")
@scope("audiences:read")
def list_audience_removals(request: HttpRequest, message_id: Id, asked: Query[Paged]) -> dict[str, Any]:
    """Those on the list who may be shown ads no more. A page may be empty though others follow."""
    return _page(message_id, asked, is_for_removal=True)


def _page(message_id: int, asked: Paged, *, is_for_removal: bool) -> dict[str, Any]:
    message = Message.objects.select_related("sender").filter(pk=message_id, sender__kind=KIND).first()
    if message is None or not is_there(message):
        raise nothing_here("audience")
    place = asked.place(int)
    if place is None:
        audit("audience.downloaded", by=None, target=message, file="to-remove" if is_for_removal else "list")
    people, after = page_of_list(
        message, after=place[0] if place else 0, limit=asked.limit, is_for_removal=is_for_removal
    )
    network = network_of(message)
    return {
        "items": [dict(zip(network.columns, network.row(one), strict=True)) for one in people],
        "next": None if after is None else write_cursor(after),
    }
