"""Which email something speaks of: by our Message-ID, else the last one to that address before that moment."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from contacts.models import Identity
from delivery.models import Delivery, Sender
from delivery.returns.events import ReturnEvent
from lib.sql import array_of, array_of_moments, array_of_texts, run_sql
from workspaces.current import current_workspace_id

State = Delivery.State
LEFT = (State.SENDING, State.SENT, State.DEFERRED, State.FAILED, State.IN_DOUBT)
WITHIN = timedelta(days=10)


def find_deliveries(events: Sequence[ReturnEvent], sender: Sender | None) -> list[int | None]:
    """The id of the delivery that each speaks of, None for none of ours. At most two statements.

    By address only with a `sender`, whose emails alone it may speak of.
    """
    found = _by_message_id(events, sender)
    places = [no for no, one in enumerate(events) if no not in found and one.address]
    if places and sender is not None:
        found |= _by_address(events, places, sender)
    return [found.get(no) for no in range(len(events))]


def _by_message_id(events: Sequence[ReturnEvent], sender: Sender | None) -> dict[int, int]:
    named = {no: one.sent for no, one in enumerate(events) if one.sent is not None}
    if not named:
        return {}
    rows = Delivery.objects.filter(
        message__in={sent[0] for sent in named.values()},
        contact__in={sent[1] for sent in named.values()},
        state__in=LEFT,
    )
    if sender is not None:
        rows = rows.filter(message__sender=sender)
    exact: dict[tuple[int, int, int], int] = {}
    newest: dict[tuple[int, int], int] = {}
    for pk, message, contact, occasion in rows.order_by("queued_at", "pk").values_list(
        "pk", "message_id", "contact_id", "occasion"
    ):
        exact[message, contact, occasion] = newest[message, contact] = pk
    found = {no: _pick(exact, newest, *sent) for no, sent in named.items()}
    return {no: one for no, one in found.items() if one is not None}


def _pick(
    exact: Mapping[tuple[int, int, int], int],
    newest: Mapping[tuple[int, int], int],
    message: int,
    contact: int,
    occasion: int | None,
) -> int | None:
    if occasion is None:
        return newest.get((message, contact))
    return exact.get((message, contact, occasion))


def _by_address(events: Sequence[ReturnEvent], places: Sequence[int], sender: Sender) -> dict[int, int]:
    params = {
        "workspace": current_workspace_id(),
        "kind": int(Identity.Kind.EMAIL),
        "sender": sender.pk,
        "states": array_of(int(one) for one in LEFT),
        "within": WITHIN,
        "places": array_of(places),
        "addresses": array_of_texts([events[no].address for no in places]),
        "moments": array_of_moments(events[no].at for no in places),
    }
    return dict(run_sql("delivery/last_to_address", params))  # type: ignore[arg-type]
