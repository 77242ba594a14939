"""What this room holds about a person: the browsers that show them notifications."""

from collections.abc import Iterator, Sequence
from typing import Any

from lib.personal import plain_rows
from messengers.models import PushSubscription

OURS = {"sender", "contact", "first_contact_id", "digest", "p256dh", "auth"}


def gather_browsers(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Each browser: where it was allowed, when, and its address at its push service."""
    yield from plain_rows(PushSubscription.objects.filter(first_contact_id__in=ids), leave_out=OURS)


def erase_browsers(ids: Sequence[int]) -> int:
    """All of it; nothing can be sent there any more."""
    count, _by_model = PushSubscription.objects.filter(first_contact_id__in=ids).delete()
    return count
