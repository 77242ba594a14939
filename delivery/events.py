"""News about emails, told to machines by ids alone: sent, came back, marked as spam, cannot be sent."""

from collections import defaultdict
from collections.abc import Collection

from delivery.models import Message
from touchpoints.kinds import KINDS
from touchpoints.recording import Recorded
from workspaces.events import NewEvent, record_events

SENT, BOUNCED, COMPLAINED, FAILED = "message.sent", "message.bounced", "message.complained", "message.failed"
TOLD = {KINDS["sent"].code: SENT, KINDS["bounced"].code: BOUNCED, KINDS["complained"].code: COMPLAINED}


def on_touchpoints_recorded(batch: Recorded) -> None:
    """News: something became of emails. One event a kind and message, in one statement."""
    _ids, _moments, contacts, _channels, kinds, _directions, messages, *_rest = batch.fresh
    people: dict[tuple[int, int], set[int]] = defaultdict(set)
    for contact, kind, message in zip(contacts, kinds, messages, strict=True):
        if message is not None and kind in TOLD:
            people[kind, message].add(contact)
    record_events(
        NewEvent(TOLD[kind], sorted(some), {"message_id": message}) for (kind, message), some in people.items()
    )


def tell_failed(message: Message, contact_ids: Collection[int]) -> None:
    """What a machine asked for does not go out: the gate says no by now, or it cannot be written."""
    if contact_ids and message.purpose == Message.Purpose.TRANSACTIONAL:
        record_events([NewEvent(FAILED, sorted(contact_ids), {"message_id": message.pk})])
