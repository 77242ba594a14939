"""What the ways out keep about a person: when they wrote to us last."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from lib.personal import plain_rows
from messengers.models import WhatsAppWindow


def gather_windows(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """By number: when they wrote on WhatsApp last."""
    yield from plain_rows(_windows(ids), leave_out={"sender"})


def erase_windows(ids: Sequence[int]) -> int:
    """All of it."""
    return _windows(ids).delete()[0]


def _windows(ids: Sequence[int]) -> QuerySet[WhatsAppWindow]:
    return WhatsAppWindow.objects.filter(contact__in=ids)
