"""Opens and clicks that a provider saw: written down as our own are, and only of those who let themselves be measured."""

from collections.abc import Sequence

from delivery.models import Delivery, Message, TrackedLink
from delivery.returns.events import Kind, ReturnEvent
from delivery.tracking.taking import take_clicks, take_opens
from workspaces.current import current_workspace_id
from workspaces.models import Workspace


def take_watched(pairs: Sequence[tuple[ReturnEvent, Delivery]]) -> None:
    """Take them as signs. A click on one of our own addresses has been seen at our own door; another counts by its target."""
    if not pairs:
        return
    counted = Message.objects.in_bulk({row.message_id for _one, row in pairs})
    pairs = [(one, row) for one, row in pairs if counted[row.message_id].is_measured]
    workspace = Workspace.objects.get(pk=current_workspace_id())
    opens = [_item(one, row) for one, row in pairs if one.kind == Kind.OPEN]
    if opens:
        take_opens(workspace, opens)
    clicks = [(one, row) for one, row in pairs if one.kind == Kind.CLICK]
    if not clicks:
        return
    links = TrackedLink.objects.filter(
        message__in={row.message_id for _one, row in clicks}, url__in={one.url for one, _row in clicks}
    )
    numbers = {(message, url): no for message, url, no in links.values_list("message_id", "url", "number")}
    items = [
        _item(one, row) | {"link": number}
        for one, row in clicks
        if (number := numbers.get((row.message_id, one.url))) is not None
    ]
    if items:
        take_clicks(workspace, items)


def _item(one: ReturnEvent, row: Delivery) -> dict[str, object]:
    return {
        "message": row.message_id,
        "contact": row.contact_id,
        "at": one.at.isoformat(),
        "agent": one.agent,
        "head": False,
    }
