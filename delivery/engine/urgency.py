"""What is urgent: what goes to one person because of something that happened. No campaign may hold it up."""

from typing import Any

from django.db.models import Q

from consent.asking import MessageClass
from delivery.models import Message
from lib.sql import array_of_texts

# The classes of messages, the most urgent first; those of URGENT pass by what goes to many when they go to one person.
CLASSES = (
    MessageClass.TRANSACTIONAL,
    MessageClass.CONFIRMATION,
    MessageClass.ANSWER,
    MessageClass.PERSONAL,
    MessageClass.SUBSCRIBED,
    MessageClass.MARKETING,
)
URGENT_CLASSES = frozenset(CLASSES[:4])
# The same three times, for a row in hand, a query and a statement about delivery_message `m`; a test compares them.
URGENT_SQL = "m.purpose = ANY(%(urgent)s::text[]) AND (m.is_standing OR m.planned_count <= 1)"


def is_urgent(message: Message) -> bool:
    """Whether this one is."""
    return message.purpose in URGENT_CLASSES and (message.is_standing or message.planned_count <= 1)


def urgent_messages(prefix: str = "") -> Q:
    """Those that are, by lookups that begin with `prefix`."""
    to_one = Q(**{f"{prefix}is_standing": True}) | Q(**{f"{prefix}planned_count__lte": 1})
    return to_one & Q(**{f"{prefix}purpose__in": URGENT_CLASSES})


def urgent_params() -> dict[str, Any]:
    """What URGENT_SQL needs."""
    return {"urgent": array_of_texts(sorted(URGENT_CLASSES))}
